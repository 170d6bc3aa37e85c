/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_CHARDEV_MMAP_H
#define VMGL_CHARDEV_MMAP_H

struct file;
struct vm_area_struct;

int vmgl_mmap_file(struct file *file, struct vm_area_struct *vma);

#endif
