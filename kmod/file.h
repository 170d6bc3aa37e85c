/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * The state of an open file of /dev/vmguestlib.
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
 * @rcu: used by kfree_rcu()
 * @device: the device that was opened
 * @events: events that the program has not fetched yet, and the watch of the file, see
 *	events.c
 * @owner: owner of the file's heartbeat client, if the file has one
 * @disarms_on_close: whether closing the file disarms its client, because the last write()
 *	since arming contained a V.  A failed write() without a V is ignored
 * @mappings: number of mappings of the page through this file.  A file cannot have both
 *	mappings and a client
 * @arming: serializes arming, disarming and mmap()
 */
struct vmgl_file {
	struct rcu_head rcu;
	struct vmgl_device *device;
	struct vmgl_event_client events;
	struct vmgl_heartbeat_owner owner;
	bool disarms_on_close;
	atomic_t mappings;
	struct mutex arming; /* see the order of locks in main.c */
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
