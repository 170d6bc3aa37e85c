/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The module's files in /sys/class/misc/vmguestlib.
 */
#ifndef VMGUEST_ATTRIBUTE_H
#define VMGUEST_ATTRIBUTE_H

#include <stddef.h>
#include <stdint.h>

/* The file's line without its end. Returns 0 or a negative errno. */
int attribute_read(const char *name, char *text, size_t size);
int attribute_number(const char *name, uint64_t *number);

#endif
