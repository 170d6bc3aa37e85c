// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* vmxsim: runs a command in a throw-away guest of the virtual VMware host. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "config/config_keys.h"
#include "launcher/ctl.h"
#include "launcher/guest_files.h"
#include "launcher/options.h"
#include "launcher/run.h"
#include "launcher/signals.h"

static int find_own_dir(struct run *run)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return fail("/proc/self/exe: %s", strerror(errno));
	path[n] = '\0';
	*strrchr(path, '/') = '\0';
	run->dir = text("%s", path);
	return 0;
}

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
	run->qemu_log = text("%s/qemu.log", dir);
	run->resets = text("%s/resets", dir);
	run->merged = kept ? text("%s.vmx", kept) : text("%s/merged.vmx", dir);
	run->console = kept ? text("%s.log", kept) : text("%s/console.log", dir);
	return 0;
}

static void remove_tmp(const struct run *run)
{
	unlink(run->initrd);
	unlink(text("%s/merged.vmx", run->tmp));
	unlink(run->qemu_log);
	unlink(run->resets);
	unlink(text("%s/run", run->tmp));
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
	if (guest_find(run) || write_config(run) || guest_make_image(run))
		return EXIT_LAUNCHER;
	return 0;
}

static int run_command(int argc, char **argv)
{
	struct run run = {
		.timeout_s = 120, .module = true,
	};
	int rc;

	run.kernel = getenv("VMXSIM_KERNEL");
	run.append = getenv("VMXSIM_APPEND");
	run.config = config_new();
	if (!run.config)
		return fail("out of memory");
	rc = options_parse(&run, argc, argv);
	if (rc || find_own_dir(&run) || make_tmp(&run))
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

int main(int argc, char **argv)
{
	if (argc >= 2 && !strcmp(argv[1], "run"))
		return run_command(argc - 1, argv + 1);
	if (argc >= 2 && !strcmp(argv[1], "ctl"))
		return ctl_command(argc - 1, argv + 1);
	if (argc == 2 && !strcmp(argv[1], "keys")) {
		config_help(stdout);
		return end_output();
	}
	if (argc >= 2)
		options_help(argv[1]);
	if (argc < 2)
		fail("run, ctl or keys?");
	else if (!strcmp(argv[1], "keys"))
		fail("keys: unexpected argument '%s'", argv[2]);
	else
		fail("unknown command '%s': run, ctl or keys?", argv[1]);
	return options_try_help();
}
