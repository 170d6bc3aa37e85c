// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* The commands of vmxsim, and the files of a run. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "config/config_keys.h"
#include "launcher/ctl.h"
#include "launcher/disk.h"
#include "launcher/guest_files.h"
#include "launcher/options.h"
#include "launcher/run.h"
#include "launcher/signals.h"

/*
 * Returns the directory of the launcher's executable, or NULL after an error message.  The
 * plugins, the scripts and the files for the guest are in this directory.
 */
static const char *find_own_dir(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0) {
		fail("/proc/self/exe: %s", strerror(errno));
		return NULL;
	}
	path[n] = '\0';
	*strrchr(path, '/') = '\0';
	return text("%s", path);
}

/* Files named after @kept are in VMXSIM_LOG_DIR, and remain there after the run. */
static int make_tmp(struct run *run)
{
	const char *tmp = getenv("TMPDIR");
	const char *log_dir = getenv("VMXSIM_LOG_DIR");
	char *dir = text("%s/vmxsim-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	const char *kept = log_dir && *log_dir ?
			   text("%s/guest-%d", log_dir, getpid()) : NULL;

	if (kept && !run->trace && options_open_trace(run, text("%s.trace", kept)))
		return EXIT_LAUNCHER;
	if (!mkdtemp(dir))
		return fail("%s: %s", dir, strerror(errno));
	run->tmp = dir;
	run->initrd = text("%s/initrd", dir);
	run->vars = text("%s/vars.fd", dir);
	run->qemu_log = text("%s/qemu.log", dir);
	run->resets = text("%s/resets", dir);
	run->bios_log = text("%s/bios.log", dir);
	run->merged = kept ? text("%s.vmx", kept) : text("%s/merged.vmx", dir);
	run->console = kept ? text("%s.log", kept) : text("%s/console.log", dir);
	return 0;
}

static void remove_tmp(const struct run *run)
{
	unlink(run->initrd);
	unlink(text("%s/merged.vmx", run->tmp));
	unlink(run->qemu_log);
	unlink(run->vars);
	unlink(run->resets);
	unlink(run->bios_log);
	unlink(text("%s/run", run->tmp));
	unlink(text("%s/sector", run->tmp));
	unlink(text("%s/console.log", run->tmp));
	rmdir(run->tmp);
}

static int write_config(const struct run *run)
{
	FILE *f = fopen(run->merged, "we");
	int rc;

	if (!f)
		return fail("%s: %s", run->merged, strerror(errno));
	rc = config_write(run->config, f);
	if (fclose(f) == EOF || rc)
		return fail("%s: %s", run->merged, strerror(errno));
	return 0;
}

static int prepare(struct run *run)
{
	if (run->disk)
		return disk_find(run) || write_config(run) || disk_make_command(run) ?
		       EXIT_LAUNCHER : 0;
	return guest_find(run) || write_config(run) || guest_make_image(run) ?
	       EXIT_LAUNCHER : 0;
}

static int run_command(int argc, char **argv)
{
	struct run run = {
		.module = true,
	};
	int rc;

	run.append = getenv("VMXSIM_APPEND");
	run.config = config_new();
	if (!run.config)
		return fail("out of memory");
	rc = options_parse(&run, argc, argv);
	if (rc)
		return EXIT_LAUNCHER;
	run.dir = find_own_dir();
	if (!run.dir || make_tmp(&run))
		return EXIT_LAUNCHER;
	catch_signals();
	rc = prepare(&run);
	if (!rc && !stop_signal())
		rc = run_guest(&run);
	remove_tmp(&run);
	if (stop_signal()) {
		signal(stop_signal(), SIG_DFL);
		raise(stop_signal());
	}
	config_free(run.config);
	return rc;
}

/* Replaces this process with a script.  Returns EXIT_LAUNCHER if this fails. */
static int exec_script(const char *name, char **argv)
{
	const char *dir = find_own_dir();

	if (!dir)
		return EXIT_LAUNCHER;
	argv[0] = text("%s/%s", dir, name);
	/* The script has its cache in HOME, which may be unset. */
	setenv("HOME", home_dir(), 1);
	execv(argv[0], argv);
	return fail("%s: %s", argv[0], strerror(errno));
}

static int fetch_kernel(int argc, char **argv)
{
	if (argc != 2 || *argv[1] == '-')
		return fail("fetch-kernel: expected one NAME: a version such as 6.12, VERSION@SUITE or default");
	return exec_script("lib/kernel", argv);
}

/* If the caller closed a standard stream, no other file may take its number. */
static void open_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	open_streams();
	if (argc == 3)
		options_help(argv[2]);
	if (argc >= 2 && !strcmp(argv[1], "run"))
		return run_command(argc - 1, argv + 1);
	if (argc >= 2 && !strcmp(argv[1], "ctl"))
		return ctl_command(argc - 1, argv + 1);
	if (argc >= 2 && !strcmp(argv[1], "rootfs"))
		return exec_script("rootfs", argv + 1);
	if (argc >= 2 && !strcmp(argv[1], "fetch-kernel"))
		return fetch_kernel(argc - 1, argv + 1);
	if (argc == 2 && !strcmp(argv[1], "keys")) {
		config_help(stdout);
		return end_output();
	}
	if (argc >= 2)
		options_help(argv[1]);
	if (argc < 2)
		fail("expected a command: run, ctl, keys, rootfs or fetch-kernel");
	else if (!strcmp(argv[1], "keys"))
		fail("keys: unexpected argument '%s'", argv[2]);
	else
		fail("unknown command '%s': expected run, ctl, keys, rootfs or fetch-kernel", argv[1]);
	return options_try_help();
}
