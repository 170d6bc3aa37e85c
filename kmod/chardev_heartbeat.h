/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_CHARDEV_HEARTBEAT_H
#define VMGL_CHARDEV_HEARTBEAT_H

#include <linux/types.h>

struct file;

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
