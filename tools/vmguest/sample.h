/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Takes samples from the host for what metrics.h computes.
 */
#ifndef VMGUEST_SAMPLE_H
#define VMGUEST_SAMPLE_H

#include "metrics.h"

/*
 * The next sample. @sample holds the one before, or zeros: names and version are
 * asked for once in a session. Returns 0 or a negative errno of the basic
 * statistics; a host without extended ones leaves them missing.
 */
int sample_next(struct sample *sample);

/* Groups of extended statistics. */
#define SAMPLE_RESOURCES	0x1
#define SAMPLE_VSCSI		0x2
#define SAMPLE_VNET		0x4

/* Those of GROUPS alone, with the names of the devices; others stay as they are. */
void sample_extended(struct sample *sample, unsigned int groups);

#endif
