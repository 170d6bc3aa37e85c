/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* Reports of the guest's kernel in its console log. */
#ifndef VMXSIM_REPORT_H
#define VMXSIM_REPORT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Returns whether the guest's kernel reported a fault.  @line then has the first @size - 1
 * bytes of the report's first line.
 */
bool report_found(const char *console, char *line, size_t size);

#endif
