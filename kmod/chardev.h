/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMGL_CHARDEV_H
#define VMGL_CHARDEV_H

#include <linux/fs.h>
#include <linux/mutex.h>

#include "device.h"

/**
 * struct vmgl_file - an open file
 * @device: what it is open on
 * @events: what it wants to know
 * @owner: of its heartbeat client
 * @disarms_on_close: a V was in the last write()
 * @arming: serializes what begins and ends the client
 */
struct vmgl_file {
	struct vmgl_device *device;
	struct vmgl_event_client events;
	struct vmgl_heartbeat_owner owner;
	bool disarms_on_close;
	struct mutex arming; /* outside of all */
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

extern const struct file_operations vmgl_fops;

/* chardev_heartbeat.c: the requests about heartbeats */
int vmgl_heartbeat_arm_file(struct file *file, void *arg);
int vmgl_heartbeat_beat_file(struct file *file, void *arg);
int vmgl_heartbeat_disarm_file(struct file *file, void *arg);
int vmgl_heartbeat_query_file(struct file *file, void *arg);
int vmgl_heartbeat_list_clients(struct file *file, void *arg);
int vmgl_heartbeat_clear_client(struct file *file, void *arg);
int vmgl_appmon_request(struct file *file, void *arg);
ssize_t vmgl_heartbeat_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *pos);
void vmgl_heartbeat_close_file(struct file *file);

#endif
