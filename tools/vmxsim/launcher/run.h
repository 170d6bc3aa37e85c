/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The launcher of the virtual VMware host.
 *
 *   main.c     the command line
 *   guest.c    what the guest is made of: kernel, module, image
 *   machine.c  QEMU's command line
 *   run.c      one run: start, pass output on, stop, judge
 *   report.c   reports of the guest's kernel in its console log
 *
 * The launcher lives as long as one run, so strings are never freed.
 */
#ifndef VMXSIM_RUN_H
#define VMXSIM_RUN_H

#include <stdbool.h>
#include <stddef.h>

struct config;

/* Exit statuses of the launcher's own; every other one is COMMAND's. */
enum {
	EXIT_HA_RESET = 123,
	EXIT_TIMEOUT = 124,
	EXIT_LAUNCHER = 125,
	EXIT_GUEST_KERNEL = 126,
};

struct strings {
	char **v;	/* ended by NULL */
	size_t n;
};

struct run {
	/* As asked for. */
	const char *kernel;
	const char *append;
	const char *trace;
	unsigned int smp;
	unsigned int mem_mb;
	unsigned int timeout_s;		/* 0: none */
	bool fast_time;
	bool survive_reset;
	bool ring3;
	bool module;
	bool shell;
	struct strings params;		/* "P=V" */
	struct strings adds;		/* SRC, DST, SRC, DST ... */
	char **command;
	struct config *config;

	/* As found; see guest_find(). */
	const char *dir;		/* the launcher's own */
	const char *kernel_file;
	const char *release;
	const char *modules_dir;	/* holds lib/modules/RELEASE; or NULL */
	const char *module_file;	/* or NULL */

	/* Files of this run. */
	const char *tmp;
	const char *initrd;
	const char *merged;		/* configuration for the plugin */
	const char *console;
	const char *qemu_log;
	const char *resets;		/* where the plugin notes the HA agent's */
};

/* Ports of the machine; numbers are those of the guest's ttyS. */
enum port { PORT_CONSOLE, PORT_OUT, PORT_ERR, PORT_CONTROL, PORT_COUNT };

/* Says what is wrong on standard error; returns EXIT_LAUNCHER. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Formatted or copied, never NULL. */
char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void strings_add(struct strings *strings, const char *s);

/*
 * Runs a program to its end; its standard output goes to a new string when
 * @output is given.  Returns its exit status, or -1.
 */
int run_program(char *const argv[], char **output);

/* From here on the signals that stop the launcher only set stop_signal(). */
void catch_signals(void);

/* The signal that asked the launcher to stop, or 0. */
int stop_signal(void);

/* Find the parts of the guest, then make its image.  0 or EXIT_LAUNCHER. */
int guest_find(struct run *run);
int guest_make_image(const struct run *run);

/* QEMU's command line; @fds are the host's ends of the ports.  NULL: said why. */
char **machine_argv(const struct run *run, const int fds[PORT_COUNT]);

/* The whole run: returns the launcher's exit status. */
int run_guest(struct run *run);

/* True when the guest's kernel reported a fault; @line, at least 256, tells it. */
bool report_found(const char *console, char *line, size_t size);

#endif
