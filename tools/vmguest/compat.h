/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Functions that the commands of open-vm-tools share.
 */
#ifndef VMGUEST_COMPAT_H
#define VMGUEST_COMPAT_H

#include <stdio.h>

#include "host.h"

/* The release of open-vm-tools whose output the commands have. */
#define COMPAT_VERSION	API_VERSION ".0 (build-0)"

/*
 * Executes the next program in PATH that has the name of argv[0] and is not this program.
 * Returns only if there is none.
 */
void compat_next(char **argv);

/*
 * Sends any request to the host. A request for an extended statistic needs no right. Returns
 * 0 or an error of host.h.
 */
int compat_ask(const char *request, struct host_text *text);

/* Prints the reply and a newline as open-vm-tools does. On a terminal the reply is cleaned. */
void compat_print(FILE *stream, const char *text);

#endif
