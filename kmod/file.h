/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * An open file of /dev/vmguestlib.
 */
#ifndef VMGL_FILE_H
#define VMGL_FILE_H

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

#include "device.h"

/**
 * struct vmgl_file - an open file
 * @rcu: for kfree_rcu()
 * @device: the device
 * @events: events and watch of the file
 * @owner: owner of the file's heartbeat client
 * @disarms_on_close: the last write() contained a V
 * @mappings: mappings of the page through this file; mmap() fails while the file has
 *	a client
 * @arming: serializes arming, disarming and mmap()
 */
struct vmgl_file {
	struct rcu_head rcu;
	struct vmgl_device *device;
	struct vmgl_event_client events;
	struct vmgl_heartbeat_owner owner;
	bool disarms_on_close;
	atomic_t mappings;
	struct mutex arming; /* outermost lock */
};

static inline struct vmgl_file *vmgl_file_of(struct file *file)
{
	return file->private_data;
}

static inline struct vmgl_device *vmgl_file_device(struct file *file)
{
	return vmgl_file_of(file)->device;
}

static inline bool vmgl_file_may_write(struct file *file)
{
	return file->f_mode & FMODE_WRITE;
}

#endif
