/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The command line of `vmxsim run`.
 *
 *   main.c         the commands, and the files of a run
 *   options.c      the command line
 *   guest_files.c  what the guest is made of: kernel, module, image
 *   disk.c         an installed system instead
 *   firmware.c     what firmware says that boots it
 *   devices.c      disks and network adapters
 *   identity.c     processor and SMBIOS
 *   machine.c      QEMU's command line
 *   run.c          one run: start, pass output on, stop, judge
 *   report.c       reports of the guest's kernel in its console log
 *   signals.c      what stops the launcher
 */
#ifndef VMXSIM_OPTIONS_H
#define VMXSIM_OPTIONS_H

#include <stdbool.h>

#include "launcher/util.h"

struct config;

struct run {
	/* As asked for. */
	const char *kernel;
	const char *append;
	const char *trace;
	const char *control;		/* path of a socket; or NULL */
	const char *guestinfo;		/* file to write at the end; or NULL */
	const char *disk;		/* or NULL: a throw-away guest */
	const char *firmware;		/* or NULL */
	unsigned int gdb_port;		/* 0: none */
	bool net;
	bool write_disk;
	struct strings qemu_args;
	unsigned int smp;		/* of the configuration unless given */
	unsigned int mem_mb;
	unsigned int timeout_s;		/* 0: none */
	bool fast_time;
	bool survive_reset;
	bool module;
	bool shell;
	struct strings properties;	/* "KEY=VALUE" of the OVF environment */
	struct strings params;		/* "P=V" */
	struct strings adds;		/* SRC, DST, SRC, DST ... */
	char **command;
	struct config *config;

	/* As found; see guest_files.h. */
	const char *dir;		/* the launcher's own */
	const char *kernel_file;
	const char *disk_initrd;	/* or NULL */
	const char *release;
	const char *modules_dir;	/* holds lib/modules/RELEASE; or NULL */
	const char *module_file;	/* or NULL */

	/* Files of this run. */
	const char *tmp;
	const char *initrd;		/* or the disk with COMMAND */
	const char *vars;		/* the firmware's */
	const char *merged;		/* configuration for the plugin */
	const char *console;
	const char *qemu_log;
	const char *bios_log;
	const char *resets;		/* where the plugin notes the HA agent's */
};

/* The options of argv[1] on; the defaults of @run stay where none is given. */
int options_parse(struct run *run, int argc, char **argv);

/* --trace: creates the file, so that a mistake is known at once. */
int options_open_trace(struct run *run, const char *path);

/* Prints where help is; returns EXIT_LAUNCHER. */
int options_try_help(void);

/* Answers --help and --version, with which the launcher ends. */
void options_help(const char *arg);

#endif
