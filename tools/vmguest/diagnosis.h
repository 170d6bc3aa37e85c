/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The findings of vmguest doctor.
 */
#ifndef VMGUEST_DIAGNOSIS_H
#define VMGUEST_DIAGNOSIS_H

#include <stddef.h>

/* Each verdict is worse than the one before; the worst one is the exit status. */
enum verdict {
	VERDICT_OK,
	VERDICT_WARNING,
	VERDICT_FAILURE,
};

#define FINDINGS_MAX	64
#define FINDING_SIZE	256

struct finding {
	enum verdict verdict;
	const char *subject;
	char text[3 * FINDING_SIZE];
	const char *cure;		/* NULL: no remedy is known */
};

struct diagnosis {
	struct finding findings[FINDINGS_MAX];
	size_t count;
};

void finding(struct diagnosis *diagnosis, enum verdict verdict,
	     const char *subject, const char *cure, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Returns the worst verdict. */
enum verdict diagnosis_verdict(const struct diagnosis *diagnosis);

void diagnosis_print(const struct diagnosis *diagnosis);

/* Returns 0 or -ENOMEM. */
int diagnosis_print_json(const struct diagnosis *diagnosis);

#endif
