/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Files of sysfs: those of the module in /sys/class/misc/vmguestlib, and others.
 */
#ifndef VMGUEST_ATTRIBUTE_H
#define VMGUEST_ATTRIBUTE_H

#include <stddef.h>
#include <stdint.h>

/* The first line of any file. Returns 0 or a negative errno. */
int line_read(const char *path, char *text, size_t size);

/* The file's line without its end. Returns 0 or a negative errno. */
int attribute_read(const char *name, char *text, size_t size);
int attribute_number(const char *name, uint64_t *number);

/*
 * The processors that the virtual machine has. Those that are possible may be many more,
 * for a hot-add, and those that a container shows may be fewer.
 */
unsigned int present_cpus(void);

#endif
