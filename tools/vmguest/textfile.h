/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * A file for the textfile collector of node_exporter, which never reads it half written.
 */
#ifndef VMGUEST_TEXTFILE_H
#define VMGUEST_TEXTFILE_H

#include <stddef.h>

/*
 * Replaces FILE, or the file that the link FILE leads to, by LEN bytes of TEXT. If this file is
 * not a regular file but, for example, a pipe or a device, writes TEXT to it. Returns 0 or a
 * negative errno.
 */
int textfile_write(const char *file, const char *text, size_t len);

#endif
