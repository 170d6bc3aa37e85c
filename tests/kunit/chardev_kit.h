/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Functions that use the device file as a program does. The argument of a request is at the
 * beginning of the fake user memory.
 */
#ifndef VMGL_KUNIT_CHARDEV_KIT_H
#define VMGL_KUNIT_CHARDEV_KIT_H

#include <kunit/test.h>
#include <linux/fs.h>

#include "fake_user.h"
#include "fixture.h"

/* Offset in the fake user memory. The buffers to which an argument points begin here. */
#define KIT_BUFFER	4096

struct file *kit_open(struct kunit *test, fmode_t mode);
void kit_close(struct file *file);
long kit_ioctl(struct file *file, unsigned int cmd);
void *kit_argument(u32 size);

static inline u64 kit_address(size_t offset)
{
	return (unsigned long)fake_user_at(offset);
}

#endif
