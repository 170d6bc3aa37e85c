// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The files below /sys/class/misc/vmguestlib, except those of heartbeats, which
 * sysfs_heartbeat.c defines.  Each file has one value.  The table vmgl_stats[] defines
 * the files of the statistics.  docs/ABI/testing/sysfs-class-misc-vmguestlib
 * documents the files.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/miscdevice.h>
#include <linux/stringify.h>
#include <linux/sysfs.h>

#include "device.h"
#include "settings.h"
#include "stat_table.h"
#include "sysfs.h"

/* Largest value that may be written to max_age_ms: one hour, in ms */
#define VMGL_MAX_AGE_MAX_MS	3600000

/* Indexed by enum vmguestlib_stat_id.  A statistic without a file has an empty entry. */
static struct device_attribute vmgl_stat_attrs[VMGUESTLIB_STAT_END];

static struct vmgl_snapshot *vmgl_sysfs_snapshot(struct device *dev)
{
	struct vmgl_device *device = vmgl_device_of(dev);

	return vmgl_snapshot_get_permitted(&device->snapshots,
					   READ_ONCE(device->max_age_ms));
}

static ssize_t vmgl_emit_text(char *buf, const struct vmgl_info_text *text)
{
	/* Leave room for the newline and the terminating NUL. */
	if (text->len > PAGE_SIZE - 2)
		return -EOVERFLOW;
	return sysfs_emit(buf, "%.*s\n", (int)text->len, text->bytes);
}

static ssize_t vmgl_emit_stat(char *buf, const struct vmgl_info *info,
			      enum vmguestlib_stat_id id)
{
	const struct vmguestlib_value *value = &info->values[id];

	if (value->state != VMGUESTLIB_VALUE_GIVEN)
		return -ENODATA;
	if (id == VMGUESTLIB_STAT_RESOURCE_POOL_PATH)
		return vmgl_emit_text(buf, &info->path);
	if (id == VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG)
		return vmgl_emit_text(buf, &info->long_path);
	if (vmgl_stats[id].is_limit && value->value == U32_MAX)
		return sysfs_emit(buf, "max\n");
	return sysfs_emit(buf, "%llu\n", value->value);
}

static ssize_t vmgl_stat_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	enum vmguestlib_stat_id id = attr - vmgl_stat_attrs;
	struct vmgl_snapshot *snapshot = vmgl_sysfs_snapshot(dev);
	ssize_t ret;

	if (IS_ERR(snapshot))
		return PTR_ERR(snapshot);

	ret = vmgl_emit_stat(buf, &snapshot->info, id);
	if (ret == -ENODATA && vmgl_stats[id].fallback)
		ret = vmgl_emit_stat(buf, &snapshot->info,
				     vmgl_stats[id].fallback);
	vmgl_snapshot_put(snapshot);
	return ret;
}

static ssize_t session_id_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct vmgl_snapshot *snapshot = vmgl_sysfs_snapshot(dev);
	u64 session_id;

	if (IS_ERR(snapshot))
		return PTR_ERR(snapshot);

	session_id = snapshot->info.session_id;
	vmgl_snapshot_put(snapshot);
	return sysfs_emit(buf, "0x%016llx\n", session_id);
}
static DEVICE_ATTR_RO(session_id);

/*
 * If the latest snapshot is too old, a new one is fetched, which can show a new session.
 * An error is ignored: the generation is then the number of session changes seen so far.
 */
static ssize_t generation_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct vmgl_snapshot *snapshot = vmgl_sysfs_snapshot(dev);
	struct vmgl_device *device = vmgl_device_of(dev);

	if (!IS_ERR(snapshot))
		vmgl_snapshot_put(snapshot);
	return sysfs_emit(buf, "%llu\n",
			  vmgl_snapshots_generation(&device->snapshots));
}
static DEVICE_ATTR_RO(generation);

static ssize_t transport_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	struct vmgl_device *device = vmgl_device_of(dev);

	/*
	 * vmgl_rpc_open() chooses the transport.  -ERESTARTSYS means that the freezer or a
	 * fatal signal has ended the wait for the turn.  After the thaw the kernel restarts
	 * the read.  After any other error, report the name of the transport that was chosen
	 * last.
	 */
	if (vmgl_rpc_open(&device->rpc, vmgl_priority_of_caller()) ==
	    -ERESTARTSYS)
		return -ERESTARTSYS;
	return sysfs_emit(buf, "%s\n", vmgl_rpc_transport_name(&device->rpc));
}
static DEVICE_ATTR_RO(transport);

static int vmgl_parse_ms(const char *buf, u32 max, u32 *ms)
{
	u32 value;
	int ret;

	ret = kstrtou32(buf, 10, &value);
	if (ret)
		return ret;
	if (value > max)
		return -ERANGE;
	*ms = value;
	return 0;
}

static ssize_t max_age_ms_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  READ_ONCE(vmgl_device_of(dev)->max_age_ms));
}

static ssize_t max_age_ms_store(struct device *dev,
				struct device_attribute *attr, const char *buf,
				size_t count)
{
	u32 ms;
	int ret;

	if (!vmgl_may_change_settings())
		return -EPERM;
	ret = vmgl_parse_ms(buf, VMGL_MAX_AGE_MAX_MS, &ms);
	if (ret)
		return ret;
	WRITE_ONCE(vmgl_device_of(dev)->max_age_ms, ms);
	return count;
}
static DEVICE_ATTR_RW(max_age_ms);

static ssize_t watch_interval_ms_show(struct device *dev,
				      struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  vmgl_events_interval(&vmgl_device_of(dev)->events));
}

static ssize_t watch_interval_ms_store(struct device *dev,
				       struct device_attribute *attr,
				       const char *buf, size_t count)
{
	u32 ms;
	int ret;

	if (!vmgl_may_change_settings())
		return -EPERM;
	ret = vmgl_parse_ms(buf, VMGUESTLIB_WATCH_INTERVAL_MAX_MS, &ms);
	if (ret)
		return ret;
	vmgl_events_set_interval(&vmgl_device_of(dev)->events, ms);
	return count;
}
static DEVICE_ATTR_RW(watch_interval_ms);

static struct attribute *vmgl_control_attrs[] = {
	&dev_attr_session_id.attr,
	&dev_attr_generation.attr,
	&dev_attr_transport.attr,
	&dev_attr_max_age_ms.attr,
	&dev_attr_watch_interval_ms.attr,
	NULL
};

static const struct attribute_group vmgl_control_group = {
	.attrs = vmgl_control_attrs,
};

static ssize_t vmgl_counter_show(struct device *dev,
				 struct device_attribute *attr, char *buf)
{
	struct dev_ext_attribute *ext =
		container_of(attr, struct dev_ext_attribute, attr);
	enum vmgl_counter which = (unsigned long)ext->var;

	return sysfs_emit(buf, "%llu\n",
			  vmgl_counted(&vmgl_device_of(dev)->counters, which));
}

#define COUNTER(which, _name)						\
	[VMGL_COUNT_##which] = {					\
		.attr = __ATTR(_name, 0444, vmgl_counter_show, NULL),	\
		.var = (void *)VMGL_COUNT_##which,			\
	}

static struct dev_ext_attribute vmgl_counter_attrs[] = {
	COUNTER(REQUESTS, requests),
	COUNTER(REFUSED, refused),
	COUNTER(FAILED, failed),
	COUNTER(REOPENED, reopened),
	COUNTER(FAILOVERS, failovers),
	COUNTER(CHECKPOINTS, checkpoints),
	COUNTER(HYPERCALLS, hypercalls),
	COUNTER(BYTES_SENT, bytes_sent),
	COUNTER(BYTES_RECEIVED, bytes_received),
};

static_assert(ARRAY_SIZE(vmgl_counter_attrs) == VMGL_COUNTERS);

/*
 * Identifiers of statistics start at 1, so there are at most VMGUESTLIB_STAT_END - 1 files,
 * and the last element is NULL.
 */
static struct attribute *vmgl_top_attrs[VMGUESTLIB_STAT_END];
static struct attribute *vmgl_cpu_attrs[VMGUESTLIB_STAT_END];
static struct attribute *vmgl_mem_attrs[VMGUESTLIB_STAT_END];
static struct attribute *vmgl_host_attrs[VMGUESTLIB_STAT_END];

static struct attribute *vmgl_rpc_attrs[VMGL_COUNTERS + 1];

static const struct attribute_group vmgl_top_group = {
	.attrs = vmgl_top_attrs,
};

static const struct attribute_group vmgl_cpu_group = {
	.name = "cpu",
	.attrs = vmgl_cpu_attrs,
};

static const struct attribute_group vmgl_mem_group = {
	.name = "mem",
	.attrs = vmgl_mem_attrs,
};

static const struct attribute_group vmgl_host_group = {
	.name = "host",
	.attrs = vmgl_host_attrs,
};

static const struct attribute_group vmgl_rpc_group = {
	.name = "rpc",
	.attrs = vmgl_rpc_attrs,
};

/*
 * Groups of the misc device.  vmgl_sysfs_init() adds the files of the statistics and of
 * the counters.
 */
const struct attribute_group *vmgl_sysfs_groups[] = {
	&vmgl_control_group,
	&vmgl_top_group,
	&vmgl_cpu_group,
	&vmgl_mem_group,
	&vmgl_host_group,
	&vmgl_heartbeat_group,
	&vmgl_rpc_group,
	NULL
};

static struct attribute **vmgl_group_attrs(enum vmgl_stat_group group)
{
	switch (group) {
	case VMGL_GROUP_TOP:
		return vmgl_top_attrs;
	case VMGL_GROUP_CPU:
		return vmgl_cpu_attrs;
	case VMGL_GROUP_MEM:
		return vmgl_mem_attrs;
	case VMGL_GROUP_HOST:
		return vmgl_host_attrs;
	case VMGL_GROUP_NONE:
		break;
	}
	return NULL;
}

static void vmgl_append_attr(struct attribute **attrs, struct attribute *attr)
{
	while (*attrs)
		attrs++;
	*attrs = attr;
}

/**
 * vmgl_sysfs_init() - add the files of the statistics and of the counters to their groups
 *
 * Context: Process context; called once, before the device is registered.
 */
void vmgl_sysfs_init(void)
{
	enum vmguestlib_stat_id id;
	int i;

	for (id = 1; id < VMGUESTLIB_STAT_END; id++) {
		struct device_attribute *attr = &vmgl_stat_attrs[id];

		if (vmgl_stats[id].group == VMGL_GROUP_NONE)
			continue;
		sysfs_attr_init(&attr->attr);
		attr->attr.name = vmgl_stats[id].file;
		attr->attr.mode = 0444;
		attr->show = vmgl_stat_show;
		vmgl_append_attr(vmgl_group_attrs(vmgl_stats[id].group),
				 &attr->attr);
	}
	for (i = 0; i < VMGL_COUNTERS; i++)
		vmgl_rpc_attrs[i] = &vmgl_counter_attrs[i].attr.attr;
}
