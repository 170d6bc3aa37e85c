/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Takes samples from the host, from which metrics.h computes rates.
 */
#ifndef VMGUEST_SAMPLE_H
#define VMGUEST_SAMPLE_H

#include "metrics.h"

/*
 * Takes the next sample. At the call @sample is the sample before, or all zeros, because the
 * names and the version are requested only once in a session. Returns 0 or a negative errno
 * of the basic statistics. If the host gives no extended statistics, they are METRIC_MISSING.
 */
int sample_next(struct sample *sample);

/* Groups of extended statistics. */
#define SAMPLE_RESOURCES	0x1
#define SAMPLE_VSCSI		0x2
#define SAMPLE_VNET		0x4

/* Takes only the extended statistics of GROUPS, with the names of the devices. */
void sample_extended(struct sample *sample, unsigned int groups);

#endif
