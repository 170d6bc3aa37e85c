// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The examinations of vmguest doctor within the guest.
 */
#include "doctor_system.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <libkmod.h>

#include "attribute.h"
#include "device.h"
#include "host.h"

#define MODULE	"vmguestlib"

bool examine_machine(struct diagnosis *diagnosis)
{
	if (vmguestlib_machine_is_vmware()) {
		finding(diagnosis, VERDICT_OK, "machine", NULL,
			"this is a VMware virtual machine");
		return true;
	}
	finding(diagnosis, VERDICT_FAILURE, "machine",
		"vmguest is for guests of ESXi",
		"this is not a VMware virtual machine, or its hypervisor is hidden");
	return false;
}

/* --- the module -------------------------------------------------------------- */

static void be_quiet(void *data, int priority, const char *file, int line,
		     const char *function, const char *format, va_list arguments)
{
	(void)data, (void)priority, (void)file, (void)line;
	(void)function, (void)format, (void)arguments;
}

/* Copies the value of KEY in the information of the module. */
static bool module_info(const struct kmod_module *module, const char *key,
			char *text, size_t size)
{
	struct kmod_list *list = NULL, *item;
	bool found = false;

	if (kmod_module_get_info(module, &list) < 0)
		return false;
	kmod_list_foreach(item, list) {
		if (strcmp(kmod_module_info_get_key(item), key))
			continue;
		snprintf(text, size, "%s", kmod_module_info_get_value(item));
		found = true;
	}
	kmod_module_info_free_list(list);
	return found;
}

/* Returns whether the kernel only loads signed modules. */
static bool wants_signature(void)
{
	char text[128];

	if (!line_read("/sys/module/module/parameters/sig_enforce", text, sizeof(text)) && *text == 'Y')
		return true;
	return !line_read("/sys/kernel/security/lockdown", text, sizeof(text)) &&
	       !strstr(text, "[none]");
}

/*
 * Returns whether the kernel's keyrings have a key of SIGNER. If no key is visible, as for a
 * user without rights, returns true.
 */
static bool is_trusted(const char *signer)
{
	bool any = false, found = false;
	char line[512], *key;
	FILE *file = fopen("/proc/keys", "re");

	while (file && !found && fgets(line, sizeof(line), file)) {
		key = strstr(line, " asymmetri ");
		if (!key)
			continue;
		any = true;
		key += strlen(" asymmetri ");
		found = !strncmp(key, signer, strlen(signer)) && key[strlen(signer)] == ':';
	}
	if (file)
		fclose(file);
	return found || !any;
}

static bool is_blacklisted(struct kmod_ctx *kmod, struct kmod_module *module)
{
	struct kmod_list *list = NULL, *left = NULL;
	bool blacklisted;

	if (kmod_module_new_from_lookup(kmod, kmod_module_get_name(module), &list) ||
	    kmod_module_apply_filter(kmod, KMOD_FILTER_BLACKLIST, list, &left))
		return false;
	blacklisted = list && !left;
	kmod_module_unref_list(list);
	kmod_module_unref_list(left);
	return blacklisted;
}

/* Examines whether the module can be loaded. It is not loaded. */
static void examine_file(struct diagnosis *diagnosis, struct kmod_ctx *kmod,
			 struct kmod_module *module)
{
	struct utsname machine;
	char text[256];
	size_t len;

	uname(&machine);
	len = strlen(machine.release);
	if (!kmod_module_get_path(module))
		finding(diagnosis, VERDICT_FAILURE, "module",
			"build it for this kernel: 'dkms install vmguestlib/VERSION'",
			"not installed for kernel %s", machine.release);
	else if (module_info(module, "vermagic", text, sizeof(text)) &&
		 (strncmp(text, machine.release, len) || text[len] != ' '))
		finding(diagnosis, VERDICT_FAILURE, "module",
			"build it for this kernel: 'dkms install vmguestlib/VERSION'",
			"not loaded, and built for another kernel: %.*s",
			(int)strcspn(text, " "), text);
	else if (!module_info(module, "signer", text, sizeof(text)) &&
		 wants_signature())
		finding(diagnosis, VERDICT_FAILURE, "module",
			"have dkms sign it and enrol the key: dkms(8), 'mokutil --import'",
			"not loaded; this kernel takes signed modules only, "
			"and it has no signature");
	else if (module_info(module, "signer", text, sizeof(text)) && wants_signature() &&
		 !is_trusted(text))
		finding(diagnosis, VERDICT_FAILURE, "module",
			"enrol the key: 'mokutil --import', and restart; see dkms(8)",
			"not loaded; it is signed, but the machine does not trust the key: "
			"that of '%s'", text);
	else if (is_blacklisted(kmod, module))
		finding(diagnosis, VERDICT_FAILURE, "module",
			"look for it in /etc/modprobe.d, or load it with 'vmguest load'",
			"not loaded, and on the blacklist of modprobe.d(5)");
	else
		finding(diagnosis, VERDICT_FAILURE, "module",
			"load it as root: 'vmguest load'", "not loaded");
}

static void report_loaded(struct diagnosis *diagnosis)
{
	char version[64] = "not known";

	line_read("/sys/module/" MODULE "/version", version, sizeof(version));
	finding(diagnosis, VERDICT_OK, "module", NULL, "loaded, version %s", version);
}

bool examine_module(struct diagnosis *diagnosis)
{
	struct kmod_module *module = NULL;
	struct kmod_ctx *kmod = kmod_new(NULL, NULL);
	bool loaded = false;
	int err = -ENOMEM;

	if (kmod) {
		kmod_set_log_fn(kmod, be_quiet, NULL);
		err = kmod_module_new_from_name(kmod, MODULE, &module);
	}
	if (err < 0) {
		finding(diagnosis, VERDICT_FAILURE, "module", NULL,
			"libkmod does not work: %s", strerror(-err));
	} else {
		loaded = host_module_is_loaded();
		if (loaded)
			report_loaded(diagnosis);
		else
			examine_file(diagnosis, kmod, module);
	}
	kmod_module_unref(module);
	kmod_unref(kmod);
	return loaded;
}

/*
 * Reports a missing group, and a group that was created after the device, because udev sets
 * the group of the device only at the next event. A container has no udev and may lack the
 * group.
 */
static void examine_group(struct diagnosis *diagnosis)
{
	const struct group *group = getgrnam(MODULE);
	struct stat device;

	if (group && !stat(VMGUESTLIB_DEVICE, &device) && device.st_gid != group->gr_gid)
		finding(diagnosis, VERDICT_WARNING, "device",
			"as root: 'udevadm trigger " VMGUESTLIB_DEVICE "'",
			VMGUESTLIB_DEVICE " does not belong to the group " MODULE
			", so the members cannot send heartbeats");
	else if (!group && !access("/run/udev/control", F_OK))
		finding(diagnosis, VERDICT_WARNING, "device",
			"as root: 'groupadd --system " MODULE "' and 'udevadm trigger "
			VMGUESTLIB_DEVICE "'",
			"there is no group " MODULE ", so only root can send heartbeats");
}

bool examine_device(struct diagnosis *diagnosis)
{
	int fd = host_open(O_RDONLY);
	struct host_failure failure;

	if (fd < 0) {
		failure = host_failure(HOST_STATISTICS, fd);
		if (access(VMGUESTLIB_DEVICE, F_OK))
			finding(diagnosis, VERDICT_FAILURE, "device",
				"give the device to the container; on a machine, is devtmpfs "
				"mounted on /dev?", VMGUESTLIB_DEVICE " is missing");
		else
			finding(diagnosis, VERDICT_FAILURE, "device", failure.cure,
				VMGUESTLIB_DEVICE ": %s", failure.reason);
		return false;
	}
	close(fd);
	fd = host_open(O_RDWR);
	if (fd >= 0)
		close(fd);
	finding(diagnosis, VERDICT_OK, "device", NULL, VMGUESTLIB_DEVICE ": %s",
		fd >= 0 ? "statistics and heartbeats" :
		"statistics; heartbeats are for root and group vmguestlib");
	examine_group(diagnosis);
	return true;
}

/* --- open-vm-tools ----------------------------------------------------------- */

/* Returns the process with the name NAME, or 0. */
static int find_process(const char *name)
{
	DIR *proc = opendir("/proc");
	char path[300], text[64];
	struct dirent *entry;
	int pid = 0;

	while (proc && !pid && (entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		if (!line_read(path, text, sizeof(text)) && !strcmp(text, name))
			pid = atoi(entry->d_name);
	}
	if (proc)
		closedir(proc);
	return pid;
}

/* A library of this project contains the name of the device. */
static bool is_ours(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *content;
	bool ours;

	if (fd < 0 || fstat(fd, &status) || !status.st_size) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	content = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (content == MAP_FAILED)
		return false;
	ours = memmem(content, (size_t)status.st_size, VMGUESTLIB_DEVICE,
		      strlen(VMGUESTLIB_DEVICE));
	munmap(content, (size_t)status.st_size);
	return ours;
}

static void examine_library(struct diagnosis *diagnosis, const char *name)
{
	void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
	struct link_map *map;

	if (!library || dlinfo(library, RTLD_DI_LINKMAP, &map)) {
		finding(diagnosis, VERDICT_WARNING, "library",
			"install the library, and run ldconfig",
			"programs of the Guest SDK find no %s", name);
	} else if (is_ours(map->l_name)) {
		finding(diagnosis, VERDICT_OK, "library", NULL,
			"programs of the Guest SDK find our library: %s", map->l_name);
	} else {
		finding(diagnosis, VERDICT_WARNING, "library",
			"let programs find the library of vmguestlib first: package "
			"vmguestlib-default, ld.so.conf.d and ldconfig, or LD_LIBRARY_PATH",
			"programs find a library that does not use the module: %s",
			map->l_name);
	}
	if (library)
		dlclose(library);
}

bool examine_neighbours(struct diagnosis *diagnosis)
{
	/* Programs load the library by these names: the SDK's and open-vm-tools'. */
	static const char *const libraries[] = {
		"libvmGuestLib.so", "libguestlib.so.0",
		"libappmonitorlib.so", "libappmonitor.so.0",
	};
	int pid = find_process("vmtoolsd");
	size_t i;

	for (i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		examine_library(diagnosis, libraries[i]);
	if (pid)
		finding(diagnosis, VERDICT_OK, "neighbours", NULL,
			"open-vm-tools runs as well (vmtoolsd, process %d)", pid);
	else
		finding(diagnosis, VERDICT_OK, "neighbours", NULL,
			"open-vm-tools does not run");
	return true;
}
