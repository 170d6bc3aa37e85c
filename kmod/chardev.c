// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * File operations of /dev/vmguestlib.  uapi/linux/vmguestlib.h documents the ioctls, which
 * are called requests here.
 *
 * vmgl_ioctl() copies the whole argument from user space, calls the handler of the
 * request, and copies the argument back if the handler has succeeded or has returned
 * -ENOSPC.  Handlers are called in process context and return 0 or a negative error
 * number.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmguestlib.h>

#include "chardev.h"
#include "chardev_heartbeat.h"
#include "chardev_mmap.h"
#include "compat/time_namespace.h"
#include "file.h"
#include "host_clock.h"
#include "settings.h"
#include "stat_get.h"

static unsigned int min_interval_ms = 100;

static int vmgl_set_min_interval(const char *val, const struct kernel_param *kp)
{
	if (!vmgl_may_change_settings())
		return -EPERM;
	return param_set_uint_minmax(val, kp, 1,
				     VMGUESTLIB_WATCH_INTERVAL_MAX_MS);
}

static const struct kernel_param_ops vmgl_min_interval_ops = {
	.set = vmgl_set_min_interval,
	.get = param_get_uint,
};

module_param_cb(min_interval_ms, &vmgl_min_interval_ops, &min_interval_ms,
		0644);
MODULE_PARM_DESC(min_interval_ms,
		 "Shortest watch interval in ms that needs no privilege, 1 to 3600000 (default 100)");

/* Number of requests.  Each request number below VMGL_REQUESTS has a handler. */
#define VMGL_REQUESTS	(_IOC_NR(VMGUESTLIB_IOC_RPC) + 1)

static int vmgl_abi_info(struct file *file, void *arg)
{
	struct vmguestlib_abi_info *info = arg;

	info->out_abi_version = VMGUESTLIB_ABI_VERSION;
	info->out_num_stats = VMGUESTLIB_STAT_END - 1;
	info->out_requests = GENMASK_ULL(VMGL_REQUESTS - 1, 0);
	info->out_reply_max = VMGUESTLIB_REPLY_MAX;
	info->out_min_interval_ms = READ_ONCE(min_interval_ms);
	info->out_boottime_offset_ns = timens_add_boottime_ns(0);
	return 0;
}

static int vmgl_copy_values(u64 address, u32 *len,
			    const struct vmgl_snapshot *snapshot)
{
	u32 count = min_t(u32, *len, VMGUESTLIB_STAT_END);

	*len = VMGUESTLIB_STAT_END;
	if (address &&
	    copy_to_user(u64_to_user_ptr(address), snapshot->info.values,
			 count * sizeof(snapshot->info.values[0])))
		return -EFAULT;
	return 0;
}

static int vmgl_copy_path(u64 address, u32 *len,
			  const struct vmgl_info_text *text)
{
	void __user *to = u64_to_user_ptr(address);
	u32 room = *len;

	if (!text->bytes) {
		*len = 0;
		return 0;
	}
	*len = text->len + 1;
	if (!address)
		return 0;
	if (copy_to_user(to, text->bytes, min(room, text->len)))
		return -EFAULT;
	if (room > text->len && clear_user(to + text->len, 1))
		return -EFAULT;
	return 0;
}

static int vmgl_get_info(struct file *file, void *arg)
{
	struct vmgl_device *device = vmgl_file_device(file);
	struct vmguestlib_get_info *info = arg;
	struct vmgl_snapshot *snapshot;
	int ret;

	snapshot = vmgl_snapshot_get_permitted(&device->snapshots,
					       info->max_age_ms);
	if (IS_ERR(snapshot))
		return PTR_ERR(snapshot);

	ret = vmgl_copy_values(info->values, &info->values_len, snapshot);
	if (!ret)
		ret = vmgl_copy_path(info->path, &info->path_len,
				     &snapshot->info.path);
	if (!ret)
		ret = vmgl_copy_path(info->long_path, &info->long_path_len,
				     &snapshot->info.long_path);

	info->out_session_id = snapshot->info.session_id;
	info->out_generation = snapshot->generation;
	info->out_time_ns = timens_add_boottime_ns(snapshot->time_ns);
	info->out_info_version = snapshot->info.version;
	info->out_count = snapshot->info.count;
	vmgl_snapshot_put(snapshot);
	return ret;
}

static int vmgl_copy_name(char *name, u64 address, u32 len)
{
	if (len > VMGUESTLIB_STAT_REQUEST_MAX)
		return -ENAMETOOLONG;
	if (copy_from_user(name, u64_to_user_ptr(address), len))
		return -EFAULT;
	return 0;
}

static int vmgl_copy_reply(u64 address, u32 *len,
			   const struct vmgl_reply *reply)
{
	u32 room = *len;

	*len = reply->len;
	if (reply->len > room)
		return -ENOSPC;
	if (copy_to_user(u64_to_user_ptr(address), reply->text, reply->len))
		return -EFAULT;
	return 0;
}

/*
 * The host has refused the GuestRPC request of @get.  Sends it again as a privileged
 * sender.  If the caller lacks CAP_SYS_ADMIN, or if the module cannot reach the host as a
 * privileged sender, sends nothing and returns 0.  @reply then keeps the refusal.
 */
static int vmgl_stat_get_privileged(struct vmgl_device *device,
				    const struct vmguestlib_stat_get *get,
				    const char *encoding, const char *stat,
				    struct vmgl_reply *reply)
{
	int ret;

	if (!ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN))
		return 0;
	ret = vmgl_rpc_open_privileged(&device->privileged_rpc,
				       VMGL_PRIORITY_ROOT);
	if (ret)
		return ret == -EPERM ? 0 : ret;
	return vmgl_stat_get(&device->privileged_rpc, encoding,
			     get->encoding_len, stat, get->stat_len, reply);
}

static int vmgl_stat_get_text(struct file *file, void *arg)
{
	struct vmgl_device *device = vmgl_file_device(file);
	char encoding[VMGUESTLIB_STAT_REQUEST_MAX];
	char stat[VMGUESTLIB_STAT_REQUEST_MAX];
	struct vmguestlib_stat_get *get = arg;
	struct vmgl_reply reply = {};
	int ret;

	ret = vmgl_copy_name(encoding, get->encoding, get->encoding_len);
	if (ret)
		return ret;
	ret = vmgl_copy_name(stat, get->stat, get->stat_len);
	if (ret)
		return ret;
	ret = vmgl_reply_reserve(&reply, get->reply_len);
	if (ret)
		return ret;

	ret = vmgl_stat_get(&device->rpc, encoding, get->encoding_len, stat,
			    get->stat_len, &reply);
	if (!ret && reply.verdict != VMGUESTLIB_REPLY_OK)
		ret = vmgl_stat_get_privileged(device, get, encoding, stat,
					       &reply);
	get->out_reply = reply.verdict;
	if (!ret)
		ret = vmgl_copy_reply(get->reply, &get->reply_len, &reply);
	vmgl_reply_free(&reply);
	return ret;
}

static int vmgl_raw_rpc(struct file *file, void *arg)
{
	struct vmgl_device *device = vmgl_file_device(file);
	struct vmguestlib_rpc *rpc = arg;
	struct vmgl_reply reply = {};
	void *request;
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (rpc->__reserved || !rpc->request_len)
		return -EINVAL;
	if (rpc->request_len > VMGUESTLIB_RPC_REQUEST_MAX)
		return -EMSGSIZE;

	request = kvmalloc(rpc->request_len, GFP_KERNEL_ACCOUNT);
	if (!request)
		return -ENOMEM;
	ret = -EFAULT;
	if (copy_from_user(request, u64_to_user_ptr(rpc->request),
			   rpc->request_len))
		goto out;
	ret = vmgl_reply_reserve(&reply, rpc->reply_len);
	if (ret)
		goto out;
	ret = vmgl_rpc_call(&device->privileged_rpc, VMGL_PRIORITY_ROOT, request,
			    rpc->request_len, &reply);
	rpc->out_reply = reply.verdict;
	if (!ret)
		ret = vmgl_copy_reply(rpc->reply, &rpc->reply_len, &reply);
	vmgl_reply_free(&reply);
out:
	kvfree(request);
	return ret;
}

static int vmgl_get_host_time(struct file *file, void *arg)
{
	struct vmguestlib_host_time *time = arg;
	u32 usec;
	u64 sec;
	int ret;

	if (time->__reserved)
		return -EINVAL;

	ret = vmgl_host_time(&sec, &usec);
	if (ret)
		return ret;
	time->out_sec = sec;
	time->out_usec = usec;
	return 0;
}

static int vmgl_get_cpu_speed(struct file *file, void *arg)
{
	struct vmguestlib_cpu_speed *speed = arg;

	if (speed->__reserved)
		return -EINVAL;

	return vmgl_cpu_speed(&speed->out_mhz);
}

static int vmgl_watch(struct file *file, void *arg)
{
	const struct vmguestlib_watch *watch = arg;

	if (watch->__reserved ||
	    watch->interval_ms > VMGUESTLIB_WATCH_INTERVAL_MAX_MS)
		return -EINVAL;

	if (watch->interval_ms &&
	    watch->interval_ms < READ_ONCE(min_interval_ms) &&
	    !vmgl_file_may_write(file) && !capable(CAP_SYS_ADMIN))
		return -EPERM;

	vmgl_event_client_watch(&vmgl_file_device(file)->events,
				&vmgl_file_of(file)->events, watch->interval_ms);
	return 0;
}

static int vmgl_fetch_events(struct file *file, void *arg)
{
	struct vmgl_device *device = vmgl_file_device(file);
	struct vmguestlib_events *events = arg;

	if (events->__reserved)
		return -EINVAL;

	events->out_events = vmgl_event_client_fetch(&device->events,
						     &vmgl_file_of(file)->events);
	events->out_generation = vmgl_snapshots_generation(&device->snapshots);
	return 0;
}

/* The members with which the argument of each request begins */
struct vmgl_head {
	__u32 size;
	__u32 flags;
};

union vmgl_arg {
	struct vmgl_head head;
	struct vmguestlib_abi_info abi_info;
	struct vmguestlib_get_info get_info;
	struct vmguestlib_stat_get stat_get;
	struct vmguestlib_host_time host_time;
	struct vmguestlib_cpu_speed cpu_speed;
	struct vmguestlib_watch watch;
	struct vmguestlib_events events;
	struct vmguestlib_heartbeat_arm arm;
	struct vmguestlib_heartbeat heartbeat;
	struct vmguestlib_heartbeat_list list;
	struct vmguestlib_heartbeat_clear clear;
	struct vmguestlib_appmon appmon;
	struct vmguestlib_rpc rpc;
};

/**
 * struct vmgl_request - description of one request
 * @handler: function that serves the request
 * @min_size: length of the first published version of the argument, in bytes
 * @size: length of the version that this module knows, in bytes
 * @known_flags: bits that may be set in the member flags of the argument
 */
struct vmgl_request {
	int (*handler)(struct file *file, void *arg);
	u32 min_size;
	u32 size;
	u32 known_flags;
};

/*
 * REQUEST() - describe a request whose argument is a struct of @type
 *
 * In its first version, the argument ended with the member @last and had @bytes bytes.
 * 32-bit and 64-bit programs must see one layout, so the build fails if padding changes
 * this length.
 */
#define REQUEST(name, type, last, bytes, fn, ...)			\
	[_IOC_NR(VMGUESTLIB_IOC_##name)] = {				\
		.handler = fn,						\
		.min_size = offsetofend(struct type, last) +		\
			    BUILD_BUG_ON_ZERO(offsetofend(struct type,	\
							  last) != (bytes)), \
		.size = sizeof(struct type),				\
		__VA_ARGS__						\
	}

static const struct vmgl_request vmgl_requests[] = {
	REQUEST(ABI_INFO, vmguestlib_abi_info, out_min_interval_ms, 32,
		vmgl_abi_info),
	REQUEST(GET_INFO, vmguestlib_get_info, out_count, 80, vmgl_get_info),
	REQUEST(STAT_GET, vmguestlib_stat_get, out_reply, 48,
		vmgl_stat_get_text),
	REQUEST(HOST_TIME, vmguestlib_host_time, __reserved, 24,
		vmgl_get_host_time),
	REQUEST(CPU_SPEED, vmguestlib_cpu_speed, __reserved, 16,
		vmgl_get_cpu_speed),
	REQUEST(WATCH, vmguestlib_watch, __reserved, 16, vmgl_watch),
	REQUEST(EVENTS, vmguestlib_events, out_generation, 24,
		vmgl_fetch_events),
	REQUEST(HEARTBEAT_ARM, vmguestlib_heartbeat_arm, action, 48,
		vmgl_heartbeat_arm_file,
		.known_flags = VMGUESTLIB_HEARTBEAT_EXCLUSIVE),
	REQUEST(HEARTBEAT_BEAT, vmguestlib_heartbeat, out_remaining_ms, 16,
		vmgl_heartbeat_beat_file),
	REQUEST(HEARTBEAT_DISARM, vmguestlib_heartbeat, out_remaining_ms, 16,
		vmgl_heartbeat_disarm_file),
	REQUEST(HEARTBEAT_QUERY, vmguestlib_heartbeat, out_remaining_ms, 16,
		vmgl_heartbeat_query_file),
	REQUEST(HEARTBEAT_LIST, vmguestlib_heartbeat_list, __reserved, 24,
		vmgl_heartbeat_list_clients),
	REQUEST(HEARTBEAT_CLEAR, vmguestlib_heartbeat_clear, name, 40,
		vmgl_heartbeat_clear_client),
	REQUEST(APPMON, vmguestlib_appmon, text, 80, vmgl_appmon_request),
	REQUEST(RPC, vmguestlib_rpc, __reserved, 40, vmgl_raw_rpc),
};

static_assert(ARRAY_SIZE(vmgl_requests) == VMGL_REQUESTS);
static_assert(sizeof(struct vmguestlib_heartbeat_client) == 56);

static const struct vmgl_request *vmgl_find_request(unsigned int cmd)
{
	unsigned int nr = _IOC_NR(cmd);

	if (cmd != _IO(VMGUESTLIB_IOC_MAGIC, nr) ||
	    nr >= ARRAY_SIZE(vmgl_requests))
		return NULL;
	nr = array_index_nospec(nr, ARRAY_SIZE(vmgl_requests));
	return vmgl_requests[nr].handler ? &vmgl_requests[nr] : NULL;
}

static long vmgl_ioctl(struct file *file, unsigned int cmd, unsigned long uarg)
{
	const struct vmgl_request *request = vmgl_find_request(cmd);
	void __user *user = (void __user *)uarg;
	union vmgl_arg arg = {};
	u32 size;
	int ret;

	if (!request)
		return -ENOTTY;
	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < request->min_size)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;

	ret = copy_struct_from_user(&arg, request->size, user, size);
	if (ret)
		return ret;
	if (arg.head.flags & ~request->known_flags)
		return -EOPNOTSUPP;

	/* After -ENOSPC, copy the argument back: STAT_GET and RPC store the needed length in it. */
	ret = request->handler(file, &arg);
	if (ret && ret != -ENOSPC)
		return ret;

	arg.head.size = size;
	if (copy_to_user(user, &arg, min(size, request->size)))
		return -EFAULT;
	return ret;
}

static __poll_t vmgl_poll(struct file *file, struct poll_table_struct *wait)
{
	__poll_t mask;

	mask = vmgl_event_client_poll(&vmgl_file_device(file)->events,
				      &vmgl_file_of(file)->events, file, wait);
	/* write() never blocks, because it is a beat, which never waits for the host. */
	if (vmgl_file_may_write(file))
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

/*
 * vmgl_open() makes no request to the host, because misc_open() calls it under the mutex
 * that all misc devices share.  A wait for the host would delay the users of other devices.
 */
static int vmgl_open(struct inode *inode, struct file *filp)
{
	struct vmgl_device *device = container_of(filp->private_data,
						  struct vmgl_device, misc);
	struct vmgl_file *file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);

	if (!file)
		return -ENOMEM;

	file->device = device;
	file->owner.events = &file->events;
	mutex_init(&file->arming);
	vmgl_event_client_add(&device->events, &file->events);
	filp->private_data = file;
	return stream_open(inode, filp);
}

static int vmgl_release(struct inode *inode, struct file *filp)
{
	struct vmgl_file *file = vmgl_file_of(filp);

	vmgl_heartbeat_close_file(filp);
	vmgl_event_client_remove(&file->device->events, &file->events);
	mutex_destroy(&file->arming);
	kfree_rcu(file, rcu);
	return 0;
}

/* Used by main.c to register /dev/vmguestlib */
const struct file_operations vmgl_fops = {
	.owner = THIS_MODULE,
	.open = vmgl_open,
	.release = vmgl_release,
	.write = vmgl_heartbeat_write,
	.unlocked_ioctl = vmgl_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = vmgl_poll,
	.mmap = vmgl_mmap_file,
};
