/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_CHARDEV_H
#define VMGL_CHARDEV_H

#include <linux/fs.h>

extern const struct file_operations vmgl_fops;

#endif
