// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "qemu/symbols.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define SYMBOL(name) \
	{ #name, offsetof(struct qemu_symbols, name), NULL, false }
#define OPTIONAL(name) \
	{ #name, offsetof(struct qemu_symbols, name), NULL, true }

struct qemu_symbols qemu;

static const struct {
	const char *name;
	size_t offset;
	const char *later;	/* name of the symbol in newer QEMUs, or NULL */
	bool optional;
} symbols[] = {
	SYMBOL(qemu_add_machine_init_done_notifier),
	SYMBOL(qemu_register_reset),
	SYMBOL(qemu_clock_get_ns),
	SYMBOL(timer_init_full),
	SYMBOL(timer_mod_ns),
	SYMBOL(timer_del),
	SYMBOL(qemu_system_reset_request),
	SYMBOL(qemu_system_shutdown_request),
	SYMBOL(qemu_set_fd_handler),
	SYMBOL(cpu_stop_current),
	SYMBOL(cpu_resume),
	SYMBOL(qemu_get_cpu),
	{ "tb_flush", offsetof(struct qemu_symbols, tb_flush), "queue_tb_flush",
	  false },
	SYMBOL(object_resolve_path_type),
	SYMBOL(vmport_register),
	SYMBOL(get_system_io),
	SYMBOL(memory_region_init_io),
	SYMBOL(memory_region_add_subregion),
	SYMBOL(type_register_static),
	SYMBOL(error_setg_internal),
	SYMBOL(error_free),
	SYMBOL(qmp_device_del),
	SYMBOL(pci_register_bar),
	SYMBOL(msi_init),
	SYMBOL(msi_uninit),
	SYMBOL(msi_enabled),
	SYMBOL(msi_notify),
	SYMBOL(address_space_memory),
	SYMBOL(address_space_rw),
	SYMBOL(x86_cpu_gdb_read_register),
	SYMBOL(x86_cpu_gdb_write_register),
	SYMBOL(async_run_on_cpu),
	SYMBOL(cpu_loop_exit_noexc),
	SYMBOL(cpu_memory_rw_debug),
	SYMBOL(cpu_x86_cpuid),
	SYMBOL(raise_exception),
	SYMBOL(probe_access),
	OPTIONAL(x86_mmu_index_pl),
	OPTIONAL(cpu_ldub_data_ra),
	OPTIONAL(cpu_stb_data_ra),
	SYMBOL(g_byte_array_new),
	SYMBOL(g_byte_array_set_size),
};

#define SYMBOL_COUNT	(sizeof(symbols) / sizeof(symbols[0]))

static bool resolve(const char *name, const char *later, void **address)
{
	*address = dlsym(RTLD_DEFAULT, name);
	if (!*address && later)
		*address = dlsym(RTLD_DEFAULT, later);
	if (*address)
		return true;
	fprintf(stderr, "vmxsim: this QEMU has no symbol %s\n", name);
	return false;
}

bool qemu_symbols_resolve(void)
{
	bool complete = true;
	void *address;
	size_t i;

	for (i = 0; i < SYMBOL_COUNT; i++) {
		if (symbols[i].optional)
			address = dlsym(RTLD_DEFAULT, symbols[i].name);
		else if (!resolve(symbols[i].name, symbols[i].later, &address))
			complete = false;
		memcpy((char *)&qemu + symbols[i].offset, &address,
		       sizeof(address));
	}
	return resolve("current_cpu", NULL, &address) && complete;
}

struct qemu_cpu *qemu_current_cpu(void)
{
	/* current_cpu is thread-local, so its address differs between threads. */
	static __thread struct qemu_cpu **current_cpu;

	if (!current_cpu)
		current_cpu = dlsym(RTLD_DEFAULT, "current_cpu");
	return *current_cpu;
}
