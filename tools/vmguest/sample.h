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

#endif
