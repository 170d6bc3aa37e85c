/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Files of sysfs: the module's files in /sys/class/misc/vmguestlib, and other files.
 */
#ifndef VMGUEST_ATTRIBUTE_H
#define VMGUEST_ATTRIBUTE_H

#include <stddef.h>
#include <stdint.h>

/* Reads the first line of any file, without its end. Returns 0 or a negative errno. */
int line_read(const char *path, char *text, size_t size);

/* Read the file NAME in the folder of the module. Return 0 or -errno. */
int attribute_read(const char *name, char *text, size_t size);
int attribute_number(const char *name, uint64_t *number);

/*
 * Returns the number of processors of the virtual machine that are present. The number of
 * possible processors may be greater, because of hot-add. A container may show fewer.
 */
unsigned int present_cpus(void);

#endif
