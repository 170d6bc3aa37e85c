// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The files in /sys/class/misc/vmguestlib/heartbeat.  Each file has one value.
 * docs/ABI/testing/sysfs-class-misc-vmguestlib documents the files.
 */
#include <linux/capability.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sysfs.h>
#include <linux/user_namespace.h>

#include "appmon.h"
#include "device.h"
#include "settings.h"
#include "sysfs.h"

/* Longest pause: one day, in s */
#define VMGL_PAUSE_MAX_S	86400

static struct vmgl_heartbeat_summary vmgl_summary_of(struct device *dev)
{
	struct vmgl_heartbeat_summary summary;

	vmgl_heartbeat_summarize(vmgl_device_of(dev)->heartbeat, &summary);
	return summary;
}

/*
 * Returns the rpc object for requests of the calling reader: privileged_rpc if the reader
 * has CAP_SYS_ADMIN, else rpc.  No reader gets heartbeat_rpc, so that readers cannot delay
 * a heartbeat.
 */
static struct vmgl_rpc *vmgl_reader_rpc(struct device *dev)
{
	struct vmgl_device *device = vmgl_device_of(dev);

	return ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN) ?
	       &device->privileged_rpc : &device->rpc;
}

static ssize_t enabled_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct vmgl_reply reply = {};
	bool enabled;
	int ret;

	ret = vmgl_appmon_is_enabled(vmgl_reader_rpc(dev),
				     vmgl_priority_of_caller(), &reply, &enabled);
	vmgl_reply_free(&reply);
	return ret ? ret : sysfs_emit(buf, "%d\n", enabled);
}
static DEVICE_ATTR_RO(enabled);

static ssize_t status_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	char text[VMGUESTLIB_APPMON_TEXT_SIZE];
	struct vmgl_reply reply = {};
	int ret;

	ret = vmgl_appmon_status(vmgl_reader_rpc(dev), vmgl_priority_of_caller(),
				 &reply, text, sizeof(text));
	vmgl_reply_free(&reply);
	return ret ? ret : sysfs_emit(buf, "%s\n", text);
}
static DEVICE_ATTR_RO(status);

/* VMGL_SUMMARY_ATTR() - define a file for the member @name of the arbiter's summary */
#define VMGL_SUMMARY_ATTR(name, format)					\
	static ssize_t name##_show(struct device *dev,			\
				   struct device_attribute *attr, char *buf) \
	{								\
		return sysfs_emit(buf, format "\n",			\
				  vmgl_summary_of(dev).name);		\
	}								\
	static DEVICE_ATTR_RO(name)

VMGL_SUMMARY_ATTR(found_enabled, "%d");
VMGL_SUMMARY_ATTR(interval_ms, "%u");
VMGL_SUMMARY_ATTR(clients, "%u");
VMGL_SUMMARY_ATTR(missed, "%llu");

static ssize_t app_state_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	static const char *const words[] = {
		[VMGL_APP_STATE_NONE] = "none",
		[VMGL_APP_STATE_OK] = "ok",
		[VMGL_APP_STATE_NEED_RESET] = "need-reset",
	};

	return sysfs_emit(buf, "%s\n", words[vmgl_summary_of(dev).posted]);
}
static DEVICE_ATTR_RO(app_state);

static ssize_t last_beat_age_ms_show(struct device *dev,
				     struct device_attribute *attr, char *buf)
{
	s64 age_ms = vmgl_summary_of(dev).age_ms;

	return age_ms < 0 ? -ENODATA : sysfs_emit(buf, "%lld\n", age_ms);
}
static DEVICE_ATTR_RO(last_beat_age_ms);

static ssize_t last_missed_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	struct vmgl_heartbeat_summary summary = vmgl_summary_of(dev);

	return summary.missed ? sysfs_emit(buf, "%s\n", summary.last_missed) :
				-ENODATA;
}
static DEVICE_ATTR_RO(last_missed);

static ssize_t pause_s_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%u\n", vmgl_summary_of(dev).pause_s);
}

static ssize_t pause_s_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	u32 seconds;
	int ret;

	if (!vmgl_may_change_settings())
		return -EPERM;
	ret = kstrtou32(buf, 10, &seconds);
	if (ret)
		return ret;
	if (seconds > VMGL_PAUSE_MAX_S)
		return -ERANGE;
	ret = vmgl_heartbeat_pause(vmgl_device_of(dev)->heartbeat, seconds);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(pause_s);

static struct attribute *vmgl_heartbeat_attrs[] = {
	&dev_attr_enabled.attr,
	&dev_attr_found_enabled.attr,
	&dev_attr_status.attr,
	&dev_attr_app_state.attr,
	&dev_attr_interval_ms.attr,
	&dev_attr_clients.attr,
	&dev_attr_last_beat_age_ms.attr,
	&dev_attr_missed.attr,
	&dev_attr_last_missed.attr,
	&dev_attr_pause_s.attr,
	NULL
};

/* The directory heartbeat/ of the misc device */
const struct attribute_group vmgl_heartbeat_group = {
	.name = "heartbeat",
	.attrs = vmgl_heartbeat_attrs,
};
