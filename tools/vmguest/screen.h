/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * vmguest top on a terminal.
 */
#ifndef VMGUEST_SCREEN_H
#define VMGUEST_SCREEN_H

#include "monitor.h"

#define DELAY_MIN	0.1
#define DELAY_MAX	3600.0

/*
 * Shows pages on the terminal until a key, a signal, the last page or the end of the
 * terminal ends it. Returns 0, or -EIO if the terminal is gone, or -ENOTTY if the terminal
 * is not suitable; then nothing was done.
 */
int screen_show(struct monitor *monitor);

#endif
