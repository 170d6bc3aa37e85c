/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * What the commands of open-vm-tools have in common.
 */
#ifndef VMGUEST_COMPAT_H
#define VMGUEST_COMPAT_H

#include <stdio.h>

#include "host.h"

/* The release of open-vm-tools whose answers these are. */
#define COMPAT_VERSION	API_VERSION ".0 (build-0)"

/*
 * Becomes the next program of the name of argv[0] in PATH that is not this one, if there
 * is any.
 */
void compat_next(char **argv);

/*
 * Any request to the host. One for an extended statistic needs no right. Returns 0 or an
 * error of the host.
 */
int compat_ask(const char *request, struct host_text *text);

/* The reply and a newline, as open-vm-tools prints it, but on a terminal cleaned. */
void compat_print(FILE *stream, const char *text);

#endif
