/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The groups of probes of vmguest report, each of which adds to the report, and the
 * conclusions at its end.
 */
#ifndef VMGUEST_REPORT_PROBES_H
#define VMGUEST_REPORT_PROBES_H

#include "report.h"

void report_system(struct report *report);
void report_statistics(struct report *report);
void report_monitoring(struct report *report);
void report_backdoor(struct report *report);
void report_sockets(struct report *report);

/*
 * report_spare_connection() returns a connection that stays open, or a negative errno.
 * report_spare_exchange() sends a request over it and closes it.
 */
int report_spare_connection(void);
void report_spare_exchange(struct report *report, const char *name, int fd);

/* Adds which variant of each quirk the host matches, or that it contradicts all of them. */
void report_verdicts(struct report *report);

#endif
