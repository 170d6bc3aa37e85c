/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The internals of QEMU that the plugin uses.  QEMU exports its symbols but installs no
 * header for them.  Therefore they are declared here, and looked up when the plugin is
 * loaded.  If this QEMU lacks one that is not optional, the plugin prints the name of the
 * symbol, and the machine does not start.
 *
 * The arguments of the functions and the layout of the structures are the same in QEMU 7.2,
 * 10.0 and 11.1.  QEMU calls all handlers under its big lock, except the helpers.
 */
#ifndef VMXSIM_SYMBOLS_H
#define VMXSIM_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Objects of QEMU whose content is not used here */
struct qemu_object;
struct qemu_cpu;
struct qemu_memory_region;
struct qemu_timer;
struct qemu_address_space;
struct qemu_env;

/* Notifier */
struct qemu_notifier {
	void (*notify)(struct qemu_notifier *notifier, void *data);
	void *next, *prev;
};

/* MemoryRegionOps */
struct qemu_io_ops {
	uint64_t (*read)(void *opaque, uint64_t addr, unsigned int size);
	void (*write)(void *opaque, uint64_t addr, uint64_t data,
		      unsigned int size);
	void *read_with_attrs;
	void *write_with_attrs;
	int endianness;
	struct {
		unsigned int min_access_size;
		unsigned int max_access_size;
		bool unaligned;
		void *accepts;
	} valid;
	struct {
		unsigned int min_access_size;
		unsigned int max_access_size;
		bool unaligned;
	} impl;
};

#define QEMU_LITTLE_ENDIAN	2
#define QEMU_CLOCK_VIRTUAL	1

#define QEMU_SCALE_NS		1

/* ShutdownCause: a request from outside of the guest */
#define QEMU_CAUSE_QUIT		2
#define QEMU_CAUSE_SYSTEM_RESET	3

/* Type of the region of I/O ports of a PCI function */
#define QEMU_PCI_BAR_IO		1

/* More than sizeof(MemoryRegion) in any version (272 to 288 bytes) */
#define QEMU_MEMORY_REGION_SIZE	4096

/* More than sizeof(QEMUTimer) in any version (48 bytes) */
#define QEMU_TIMER_SIZE		256

/* TypeInfo */
struct qemu_type_info {
	const char *name, *parent;
	size_t instance_size, instance_align;
	void *instance_init, *instance_post_init, *instance_finalize;
	bool abstract;
	size_t class_size;
	void (*class_init)(void *class, void *data);
	void *class_base_init, *class_data, *interfaces;
};

/* GByteArray, declared here so that GLib's headers are not needed */
struct glib_byte_array {
	uint8_t *data;
	unsigned int len;
};

/* Each member has the name of its symbol. */
struct qemu_symbols {
	void (*qemu_add_machine_init_done_notifier)(struct qemu_notifier *);
	void (*qemu_register_reset)(void (*func)(void *), void *opaque);
	int64_t (*qemu_clock_get_ns)(int clock);
	void (*timer_init_full)(struct qemu_timer *timer, void *list_group,
				int clock, int scale, int attributes,
				void (*func)(void *opaque), void *opaque);
	void (*timer_mod_ns)(struct qemu_timer *timer, int64_t expire_ns);
	void (*timer_del)(struct qemu_timer *timer);
	void (*qemu_system_reset_request)(int cause);
	void (*qemu_system_shutdown_request)(int cause);
	/* The main loop calls the handlers.  NULL for both removes them. */
	void (*qemu_set_fd_handler)(int fd, void (*read)(void *opaque),
				    void (*write)(void *opaque), void *opaque);
	/* Stops the vCPU of the calling thread after the current instruction. */
	void (*cpu_stop_current)(void);
	void (*cpu_resume)(struct qemu_cpu *cpu);
	struct qemu_cpu *(*qemu_get_cpu)(int index);
	/* Drops all translated code; queue_tb_flush in QEMU 11. */
	void (*tb_flush)(struct qemu_cpu *cpu);
	struct qemu_object *(*object_resolve_path_type)(const char *path,
							const char *type,
							bool *ambiguous);
	void (*vmport_register)(int command,
				uint32_t (*func)(void *opaque, uint32_t port),
				void *opaque);
	struct qemu_memory_region *(*get_system_io)(void);
	void (*memory_region_init_io)(struct qemu_memory_region *region,
				      struct qemu_object *owner,
				      const struct qemu_io_ops *ops,
				      void *opaque, const char *name,
				      uint64_t size);
	void (*memory_region_add_subregion)(struct qemu_memory_region *parent,
					    uint64_t offset,
					    struct qemu_memory_region *region);
	void (*type_register_static)(const struct qemu_type_info *type);
	void (*error_setg_internal)(void **err, const char *file, int line,
				    const char *function, const char *format,
				    ...);
	void (*error_free)(void *err);
	void (*qmp_device_del)(const char *id, void **err);
	void (*pci_register_bar)(struct qemu_object *function, int bar,
				 uint8_t type,
				 struct qemu_memory_region *region);
	int (*msi_init)(struct qemu_object *function, uint8_t offset,
			unsigned int vectors, bool wide_address, bool mask,
			void **err);
	void (*msi_uninit)(struct qemu_object *function);
	bool (*msi_enabled)(const struct qemu_object *function);
	void (*msi_notify)(struct qemu_object *function, unsigned int vector);
	struct qemu_address_space *address_space_memory;
	/* @attributes is a structure of 4 or 8 bytes, which are all 0 here. */
	uint32_t (*address_space_rw)(struct qemu_address_space *space,
				     uint64_t address, uint64_t attributes,
				     void *data, uint64_t len, bool write);
	/* With these two functions the layout of the vCPU's state need not be known. */
	int (*x86_cpu_gdb_read_register)(struct qemu_cpu *cpu,
					 struct glib_byte_array *value, int n);
	int (*x86_cpu_gdb_write_register)(struct qemu_cpu *cpu, uint8_t *value,
					  int n);
	/* Calls @func in the thread of @cpu, under the big lock, outside of translated code. */
	void (*async_run_on_cpu)(struct qemu_cpu *cpu,
				 void (*func)(struct qemu_cpu *cpu, uint64_t data),
				 uint64_t data);
	/* Leaves translated code; does not return. */
	void (*cpu_loop_exit_noexc)(struct qemu_cpu *cpu);
	int (*cpu_memory_rw_debug)(struct qemu_cpu *cpu, uint64_t address,
				   void *data, size_t len, bool write);
	void (*cpu_x86_cpuid)(struct qemu_env *env, uint32_t leaf, uint32_t subleaf,
			      uint32_t *eax, uint32_t *ebx, uint32_t *ecx,
			      uint32_t *edx);
	/* Does not return. */
	void (*raise_exception)(struct qemu_env *env, int exception);
	/* Returns if the guest may access the memory; otherwise raises a page fault. */
	void *(*probe_access)(struct qemu_env *env, uint64_t address, int size,
			      int access, int view, uintptr_t caller);
	/* Returns the MMU index of a privilege level; not in QEMU 7.2. */
	int (*x86_mmu_index_pl)(struct qemu_env *env, unsigned int level);
	/* Access memory with the current privilege level; not in QEMU 11. */
	uint32_t (*cpu_ldub_data_ra)(struct qemu_env *env, uint64_t address,
				     uintptr_t caller);
	void (*cpu_stb_data_ra)(struct qemu_env *env, uint64_t address,
				uint32_t value, uintptr_t caller);
	struct glib_byte_array *(*g_byte_array_new)(void);
	struct glib_byte_array *(*g_byte_array_set_size)(
					struct glib_byte_array *array,
					unsigned int size);
};

extern struct qemu_symbols qemu;

/* Fills @qemu.  Prints the missing symbols and returns false if there are any. */
bool qemu_symbols_resolve(void);

/* Returns the vCPU that the calling thread runs, or NULL. */
struct qemu_cpu *qemu_current_cpu(void);

#endif
