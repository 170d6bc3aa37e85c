/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The command line of `vmxsim run`.
 *
 *   main.c         the commands, and the files of a run
 *   options.c      the command line
 *   guest_files.c  the files of the guest: kernel, module, image
 *   disk.c         an installed system instead of these files
 *   firmware.c     messages of the firmware that boots that system
 *   devices.c      disks and network adapters
 *   identity.c     processor and SMBIOS
 *   machine.c      QEMU's command line
 *   run.c          one run: start, pass output on, stop, judge
 *   report.c       reports of the guest's kernel in its console log
 *   signals.c      signals that stop the launcher
 */
#ifndef VMXSIM_OPTIONS_H
#define VMXSIM_OPTIONS_H

#include <stdbool.h>

#include "launcher/util.h"

struct config;

struct run {
	/* Options; most pointers may be NULL. */
	const char *kernel;
	const char *append;
	const char *trace;
	const char *control;		/* path of the control socket */
	const char *guestinfo;		/* file that gets the variables at the end */
	const char *disk;		/* image; NULL: a throw-away guest */
	const char *firmware;		/* bios, ovmf or ovmf-secure */
	unsigned int gdb_port;		/* 0: none */
	bool net;
	bool write_disk;
	struct strings qemu_args;
	unsigned int smp;		/* by default the configuration's */
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

	/* Results of the search: see guest_files.h; most may be NULL. */
	const char *dir;		/* the launcher's directory */
	const char *kernel_file;
	const char *disk_initrd;	/* initrd of the installed system */
	const char *release;
	const char *modules_dir;	/* holds lib/modules/RELEASE */
	const char *module_file;	/* vmguestlib.ko, perhaps compressed */

	/* Files of this run, in @tmp */
	const char *tmp;
	const char *initrd;		/* initramfs, or the disk with COMMAND */
	const char *vars;		/* variables of the firmware */
	const char *merged;		/* complete configuration for the plugin */
	const char *console;
	const char *qemu_log;
	const char *bios_log;
	const char *resets;		/* times of the HA agent's resets */
};

/* Parses the options from argv[1] on; other members of @run keep their defaults. */
int options_parse(struct run *run, int argc, char **argv);

/* Creates the file of --trace before the run, so that an error is reported at once. */
int options_open_trace(struct run *run, const char *path);

/* Prints a hint at --help and returns EXIT_LAUNCHER. */
int options_try_help(void);

/* Prints the text of --help or --version and exits. */
void options_help(const char *arg);

#endif
