/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* Reports of the guest's kernel in its console log. */
#ifndef VMXSIM_REPORT_H
#define VMXSIM_REPORT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Returns whether the guest's kernel reported a fault; @line, of at least 256 bytes, gets
 * the line of the log.
 */
bool report_found(const char *console, char *line, size_t size);

#endif
