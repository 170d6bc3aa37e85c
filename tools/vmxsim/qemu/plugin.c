// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The symbols that QEMU expects in a plugin.  This file is built once for each version of
 * the plugin interface; the plugin uses the interface only to be loaded.
 */
#include <stdint.h>

#include "qemu/qemu.h"

#ifndef VMXSIM_PLUGIN_API
#error "VMXSIM_PLUGIN_API: see plugin_versions in launcher/machine.c"
#endif

int qemu_plugin_version __attribute__((visibility("default"))) =
	VMXSIM_PLUGIN_API;

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

__attribute__((visibility("default")))
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)id;
	(void)info;
	return qemu_start(argc, argv) ? 0 : -1;
}
