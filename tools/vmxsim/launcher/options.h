/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The command line of `vmxsim run`.
 *
 * The files of the launcher:
 *
 *   main.c         the commands, and the files of a run
 *   options.c      the command line
 *   guest_files.c  the files of the guest: kernel, module, image
 *   disk.c         an installed system on a disk image
 *   firmware.c     messages of the firmware that boots the installed system
 *   devices.c      disks and network adapters
 *   ovf.c          the OVF environment
 *   identity.c     processor and SMBIOS
 *   machine.c      QEMU's command line
 *   run.c          one run: start, pass output on, stop, judge
 *   report.c       reports of the guest's kernel in its console log
 *   signals.c      signals that stop the launcher
 *   ctl.c          `vmxsim ctl`
 *   util.c         functions for all these files
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
	const char *guestinfo;		/* file to which guestinfo is written at the end */
	const char *disk;		/* image, or NULL for a throw-away guest */
	const char *firmware;		/* bios, ovmf or ovmf-secure */
	unsigned int gdb_port;		/* 0: none */
	bool net;
	bool write_disk;
	struct strings qemu_args;
	unsigned int smp;		/* number of processors */
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

	const char *dir;		/* directory of the launcher's executable */

	/* Results of guest_find() or disk_find(); most may be NULL. */
	const char *kernel_file;
	const char *disk_initrd;	/* initrd of the installed system */
	const char *release;		/* of the kernel */
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

/*
 * Parses the options from argv[1] on.  The caller has set @run to the defaults.  Returns 0 or
 * EXIT_LAUNCHER.
 */
int options_parse(struct run *run, int argc, char **argv);

/* Creates the file of --trace before the run, so that an error is reported at once. */
int options_open_trace(struct run *run, const char *path);

/* Prints a line that names --help.  Returns EXIT_LAUNCHER. */
int options_try_help(void);

/* If @arg is --help or --version, prints the text and exits. */
void options_help(const char *arg);

#endif
