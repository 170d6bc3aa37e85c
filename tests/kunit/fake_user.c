// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The fake user memory. */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fake_user.h"

#define POISON	0xa5

u8 fake_user[FAKE_USER_SIZE];

void fake_user_reset(void)
{
	memset(fake_user, POISON, sizeof(fake_user));
}

static void *access(const void __user *at, size_t n)
{
	unsigned long offset = (unsigned long)at - (unsigned long)fake_user;

	if (offset > FAKE_USER_SIZE || n > FAKE_USER_SIZE - offset)
		return NULL;
	return fake_user + offset;
}

unsigned long fake_copy_to_user(void __user *to, const void *from, size_t n)
{
	void *at = access(to, n);

	if (!n)
		return 0;
	if (!at)
		return n;
	memcpy(at, from, n);
	return 0;
}

unsigned long fake_copy_from_user(void *to, const void __user *from, size_t n)
{
	void *at = access(from, n);

	if (!n)
		return 0;
	if (!at)
		return n;
	memcpy(to, at, n);
	return 0;
}

unsigned long fake_clear_user(void __user *to, size_t n)
{
	void *at = access(to, n);

	if (!at)
		return n;
	memset(at, 0, n);
	return 0;
}

/* Like the kernel's function: the bytes beyond ksize must be 0. */
int fake_copy_struct_from_user(void *to, size_t ksize, const void __user *from,
			       size_t usize)
{
	u8 *at = access(from, usize);

	if (!at)
		return -EFAULT;
	if (usize > ksize && memchr_inv(at + ksize, 0, usize - ksize))
		return -E2BIG;
	memset(to, 0, ksize);
	memcpy(to, at, min(ksize, usize));
	return 0;
}
