/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Fake user memory: one buffer. Every other address is invalid.
 */
#ifndef VMGL_KUNIT_FAKE_USER_H
#define VMGL_KUNIT_FAKE_USER_H

#include <linux/types.h>

#define FAKE_USER_SIZE	8192

extern u8 fake_user[FAKE_USER_SIZE];

void fake_user_reset(void);
unsigned long fake_copy_to_user(void __user *to, const void *from, size_t n);
unsigned long fake_copy_from_user(void *to, const void __user *from, size_t n);
unsigned long fake_clear_user(void __user *to, size_t n);
int fake_copy_struct_from_user(void *to, size_t ksize, const void __user *from,
			       size_t usize);

/* Returns the address of a byte of the buffer, as a program would pass it. */
static inline void __user *fake_user_at(size_t offset)
{
	return (void __user *)(fake_user + offset);
}

#endif
