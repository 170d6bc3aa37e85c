// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Requests of /dev/vmguestlib for heartbeats and application monitoring.
 * uapi/linux/vmguestlib.h documents these requests and their errors.
 *
 * chardev.c calls the handlers in process context.  The handlers return 0 or a negative
 * error number.  The handlers of ARM, DISARM, CLEAR and APPMON can wait for the host.
 *
 * A write() is a beat.  As with a watchdog device, the close of the file disarms the
 * client only if the last write() contained the letter V.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmguestlib.h>

#include "appmon.h"
#include "chardev_heartbeat.h"
#include "file.h"

/* Longest write(), in bytes.  The limit bounds the time of the search for a V. */
#define VMGL_WRITE_MAX	4096

static struct vmgl_heartbeat *vmgl_file_heartbeat(struct file *file)
{
	return vmgl_file_device(file)->heartbeat;
}

/* Handler of VMGUESTLIB_IOC_HEARTBEAT_ARM */
int vmgl_heartbeat_arm_file(struct file *file, void *arg)
{
	const struct vmguestlib_heartbeat_arm *arm = arg;
	struct vmgl_file *vmgl_file = vmgl_file_of(file);
	struct vmgl_heartbeat_terms terms = {
		.kind = VMGUESTLIB_HEARTBEAT_KIND_FILE,
		.action = arm->action,
		.deadline_ms = arm->deadline_ms,
		.exclusive = arm->flags & VMGUESTLIB_HEARTBEAT_EXCLUSIVE,
	};
	int ret;

	if (!vmgl_file_may_write(file))
		return -EPERM;

	memcpy(terms.name, arm->name, sizeof(terms.name));
	if (!strncmp(terms.name, "watchdog", sizeof(terms.name)))
		return -EINVAL;

	if (mutex_lock_interruptible(&vmgl_file->arming))
		return -ERESTARTSYS;
	ret = -EBUSY;
	if (!atomic_read(&vmgl_file->mappings))
		ret = vmgl_heartbeat_arm(vmgl_file_heartbeat(file),
					 &vmgl_file->owner, &terms);
	if (!ret)
		WRITE_ONCE(vmgl_file->disarms_on_close, false);
	mutex_unlock(&vmgl_file->arming);
	return ret;
}

/* Handler of VMGUESTLIB_IOC_HEARTBEAT_QUERY */
int vmgl_heartbeat_query_file(struct file *file, void *arg)
{
	struct vmguestlib_heartbeat *heartbeat = arg;

	vmgl_heartbeat_query(vmgl_file_heartbeat(file),
			     &vmgl_file_of(file)->owner, &heartbeat->out_state,
			     &heartbeat->out_remaining_ms);
	return 0;
}

/* Handler of VMGUESTLIB_IOC_HEARTBEAT_BEAT */
int vmgl_heartbeat_beat_file(struct file *file, void *arg)
{
	int ret;

	if (!vmgl_file_may_write(file))
		return -EPERM;
	ret = vmgl_heartbeat_beat(vmgl_file_heartbeat(file),
				  &vmgl_file_of(file)->owner);
	return ret ? ret : vmgl_heartbeat_query_file(file, arg);
}

/* Handler of VMGUESTLIB_IOC_HEARTBEAT_DISARM */
int vmgl_heartbeat_disarm_file(struct file *file, void *arg)
{
	struct vmgl_file *vmgl_file = vmgl_file_of(file);
	int ret;

	if (!vmgl_file_may_write(file))
		return -EPERM;
	if (mutex_lock_interruptible(&vmgl_file->arming))
		return -ERESTARTSYS;
	ret = vmgl_heartbeat_disarm(vmgl_file_heartbeat(file),
				    &vmgl_file->owner);
	mutex_unlock(&vmgl_file->arming);
	return ret ? ret : vmgl_heartbeat_query_file(file, arg);
}

/* Handler of VMGUESTLIB_IOC_HEARTBEAT_LIST */
int vmgl_heartbeat_list_clients(struct file *file, void *arg)
{
	struct vmguestlib_heartbeat_list *list = arg;
	struct vmguestlib_heartbeat_client *clients = NULL;
	u32 room = min_t(u32, list->clients_len, VMGL_HEARTBEAT_CLIENTS_MAX);
	int ret = 0;

	if (list->__reserved)
		return -EINVAL;
	if (!list->clients)
		room = 0;
	if (room) {
		clients = kvcalloc(room, sizeof(*clients), GFP_KERNEL_ACCOUNT);
		if (!clients)
			return -ENOMEM;
	}

	list->clients_len = vmgl_heartbeat_list(vmgl_file_heartbeat(file),
						clients, room);
	room = min(room, list->clients_len);
	if (copy_to_user(u64_to_user_ptr(list->clients), clients,
			 room * sizeof(*clients)))
		ret = -EFAULT;
	kvfree(clients);
	return ret;
}

/* Handler of VMGUESTLIB_IOC_HEARTBEAT_CLEAR */
int vmgl_heartbeat_clear_client(struct file *file, void *arg)
{
	const struct vmguestlib_heartbeat_clear *clear = arg;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (strnlen(clear->name, sizeof(clear->name)) == sizeof(clear->name))
		return -EINVAL;
	return vmgl_heartbeat_clear(vmgl_file_heartbeat(file), clear->name);
}

/*
 * Handler of VMGUESTLIB_IOC_APPMON.  IS_ENABLED and GET_STATUS use privileged_rpc, so
 * that they do not delay a heartbeat.  The arbiter serves the other operations.
 */
int vmgl_appmon_request(struct file *file, void *arg)
{
	struct vmgl_rpc *rpc = &vmgl_file_device(file)->privileged_rpc;
	struct vmguestlib_appmon *appmon = arg;
	struct vmgl_reply reply = {};
	bool enabled = false;
	int ret;

	if (!vmgl_file_may_write(file))
		return -EPERM;
	if (strnlen(appmon->text, sizeof(appmon->text)) ==
	    sizeof(appmon->text))
		return -EINVAL;

	switch (appmon->op) {
	case VMGUESTLIB_APPMON_IS_ENABLED:
		ret = vmgl_appmon_is_enabled(rpc, vmgl_priority_of_caller(),
					     &reply, &enabled);
		break;
	case VMGUESTLIB_APPMON_GET_STATUS:
		ret = vmgl_appmon_status(rpc, vmgl_priority_of_caller(), &reply,
					 appmon->text, sizeof(appmon->text));
		break;
	default:
		return vmgl_heartbeat_call(vmgl_file_heartbeat(file),
					   appmon->op, appmon->text);
	}
	appmon->out_enabled = enabled;
	vmgl_reply_free(&reply);
	return ret;
}

static int vmgl_find_magic(const char __user *buf, size_t count, bool *found)
{
	size_t i;
	char c;

	for (i = 0; i < count; i++) {
		if (get_user(c, buf + i))
			return -EFAULT;
		if (c == 'V')
			*found = true;
	}
	return 0;
}

/**
 * vmgl_heartbeat_write() - serve write(), which is a beat of the file's client
 * @file: an open file of /dev/vmguestlib
 * @buf: bytes that are searched for a V
 * @count: number of bytes at @buf
 * @pos: ignored
 *
 * An empty write() is no beat and changes nothing.
 *
 * Context: Process context; may sleep to read @buf, does not wait for the host.
 * Return: @count; -EFAULT if @buf cannot be read; -EINVAL if @count is above
 * VMGL_WRITE_MAX; or an error of vmgl_heartbeat_beat().
 */
ssize_t vmgl_heartbeat_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *pos)
{
	struct vmgl_file *vmgl_file = vmgl_file_of(file);
	bool has_magic = false;
	int ret;

	if (!count)
		return 0;
	if (count > VMGL_WRITE_MAX)
		return -EINVAL;
	ret = vmgl_find_magic(buf, count, &has_magic);
	if (ret)
		return ret;

	ret = vmgl_heartbeat_beat(vmgl_file_heartbeat(file),
				  &vmgl_file->owner);
	if (!ret || has_magic)
		WRITE_ONCE(vmgl_file->disarms_on_close, has_magic);
	return ret ? ret : count;
}

/**
 * vmgl_heartbeat_close_file() - disarm the client of a closed file, or let it expire
 * @file: the file, which may have no client
 *
 * A client that is not disarmed expires now, or after a pause, see
 * vmgl_heartbeat_abandon().
 *
 * Context: Process context; may wait for the host if the client is disarmed.
 */
void vmgl_heartbeat_close_file(struct file *file)
{
	struct vmgl_file *vmgl_file = vmgl_file_of(file);

	if (vmgl_file->disarms_on_close)
		vmgl_heartbeat_disarm(vmgl_file_heartbeat(file),
				      &vmgl_file->owner);
	else
		vmgl_heartbeat_abandon(vmgl_file_heartbeat(file),
				       &vmgl_file->owner);
}
