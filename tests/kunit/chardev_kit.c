// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Functions that use the device file as a program does. */
#include "chardev.h"
#include "chardev_kit.h"

struct file *kit_open(struct kunit *test, fmode_t mode)
{
	struct fixture *fixture = test->priv;
	struct file *file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	file->f_mode = mode;
	file->private_data = &fixture->device.misc;
	KUNIT_ASSERT_EQ(test, vmgl_fops.open(NULL, file), 0);
	return file;
}

void kit_close(struct file *file)
{
	vmgl_fops.release(NULL, file);
}

long kit_ioctl(struct file *file, unsigned int cmd)
{
	return vmgl_fops.unlocked_ioctl(file, cmd, kit_address(0));
}

/*
 * Writes an argument of @size bytes at the beginning of the fake user memory. All members except
 * its size are 0. The rest of the memory gets a pattern.
 */
void *kit_argument(u32 size)
{
	fake_user_reset();
	memset(fake_user, 0, size);
	memcpy(fake_user, &size, sizeof(size));
	return fake_user;
}
