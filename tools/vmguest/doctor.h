/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The examinations of vmguest doctor.
 */
#ifndef VMGUEST_DOCTOR_H
#define VMGUEST_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

/* Each is worse than the one before; the worst is the exit status. */
enum verdict {
	VERDICT_OK,
	VERDICT_WARNING,
	VERDICT_FAILURE,
};

#define FINDINGS_MAX	32

struct finding {
	enum verdict verdict;
	const char *subject;
	char text[256];
	const char *cure;		/* NULL where there is none to offer */
};

struct diagnosis {
	struct finding findings[FINDINGS_MAX];
	size_t count;
};

void finding(struct diagnosis *diagnosis, enum verdict verdict,
	     const char *subject, const char *cure, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Each returns whether it makes sense to go on. */
bool examine_machine(struct diagnosis *diagnosis);
bool examine_module(struct diagnosis *diagnosis);
bool examine_device(struct diagnosis *diagnosis);
bool examine_doors(struct diagnosis *diagnosis);
bool examine_host(struct diagnosis *diagnosis);
bool examine_versions(struct diagnosis *diagnosis);
bool examine_neighbours(struct diagnosis *diagnosis);
bool examine_heartbeat(struct diagnosis *diagnosis);

#endif
