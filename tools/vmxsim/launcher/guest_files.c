// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The files of the guest.
 *
 * The kernel of --kernel RELEASE is in the cache or in /boot.  In the cache, a name such as
 * "6.12" means the newest fetched release of this version.  Without --kernel, the
 * environment variable VMXSIM_KERNEL names the kernel.  Without both, it is the kernel
 * "default" of the cache, which tests/lib/kernel fetches for this machine's Debian release,
 * or else the running kernel.  The modules are in lib/modules/RELEASE beside the kernel, or
 * in /lib/modules/RELEASE.  All other files are in the directory of the launcher:
 *
 *   image			the program that makes the guest's file system
 *   init			the first process of the guest
 *   stage/			the project's tools and libraries as installed
 *   kmod/RELEASE/		the module; if it is not here, it is in /lib/modules/RELEASE
 *   start			the program that the unit of an installed system starts
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "config/config.h"
#include "launcher/devices.h"
#include "launcher/guest_files.h"
#include "launcher/options.h"
#include "launcher/signals.h"

#define DEFAULT_KERNEL	"default"
#define MODULE		"vmguestlib"

static bool exists(const char *path)
{
	return path && access(path, R_OK) == 0;
}

static const char *first_existing(const char *a, const char *b)
{
	if (exists(a))
		return a;
	return exists(b) ? b : NULL;
}

static const char *cache_dir(void)
{
	const char *xdg = getenv("XDG_CACHE_HOME");

	if (xdg && *xdg)
		return text("%s/vmguestlib", xdg);
	return text("%s/.cache/vmguestlib", home_dir());
}

/* Returns the default kernel of the cache, or the running kernel of this machine. */
static const char *find_default_kernel(void)
{
	struct utsname uts;

	uname(&uts);
	return first_existing(text("%s/kernels/" DEFAULT_KERNEL "/vmlinuz", cache_dir()),
			      text("/boot/vmlinuz-%s", uts.release));
}

static const char *find_kernel(const char *name)
{
	const char *found;

	if (!name || !*name)
		return find_default_kernel();
	if (strchr(name, '/'))
		return exists(name) ? name : NULL;
	found = first_existing(text("%s/kernels/%s/vmlinuz", cache_dir(), name),
			       text("/boot/vmlinuz-%s", name));
	return found ? found : first_existing(name, NULL);
}

/*
 * Reads the release from the header of a bzImage (Documentation/arch/x86/boot.rst:
 * kernel_version at 0x20e is an offset from 0x200).
 */
static const char *read_release(const char *path)
{
	unsigned char header[0x210];
	char release[256] = "";
	ssize_t n = -1;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (pread(fd, header, sizeof(header), 0) == sizeof(header) &&
	    !memcmp(header + 0x202, "HdrS", 4))
		n = pread(fd, release, sizeof(release) - 1,
			  0x200 + (header[0x20e] | header[0x20f] << 8));
	close(fd);
	if (n <= 0)
		return NULL;
	release[strcspn(release, " ")] = '\0';
	return *release ? text("%s", release) : NULL;
}

/* Returns the directory that holds lib/modules/RELEASE, or NULL. */
static const char *find_modules(const struct run *run)
{
	const char *beside = text("%s", run->kernel_file);

	beside = text("%s", dirname((char *)beside));
	if (exists(text("%s/lib/modules/%s/modules.dep", beside, run->release)))
		return beside;
	if (exists(text("/lib/modules/%s/modules.dep", run->release)))
		return "/";
	return NULL;
}

/* DKMS compresses the module if the kernel's own modules are compressed. */
static const char *find_installed_module(const char *release, const char *place)
{
	static const char * const endings[] = { "", ".xz", ".zst", ".gz" };
	const char *path;
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		path = text("/lib/modules/%s/%s/" MODULE ".ko%s", release, place,
			    endings[i]);
		if (exists(path))
			return path;
	}
	return NULL;
}

static const char *find_module(const struct run *run)
{
	static const char * const places[] = { "updates/dkms", "updates", "extra" };
	const char *path;
	size_t i;

	path = text("%s/kmod/%s/" MODULE ".ko", run->dir, run->release);
	if (exists(path))
		return path;
	path = NULL;
	for (i = 0; i < sizeof(places) / sizeof(places[0]) && !path; i++)
		path = find_installed_module(run->release, places[i]);
	return path;
}

int guest_find_kernel(struct run *run)
{
	run->kernel_file = find_kernel(run->kernel);
	if (!run->kernel_file)
		return fail("no kernel '%s' in %s/kernels or /boot: run vmxsim fetch-kernel %s",
			    run->kernel ? run->kernel : DEFAULT_KERNEL, cache_dir(),
			    run->kernel ? run->kernel : DEFAULT_KERNEL);
	return 0;
}

int guest_find(struct run *run)
{
	if (guest_find_kernel(run))
		return EXIT_LAUNCHER;
	run->release = read_release(run->kernel_file);
	if (!run->release)
		return fail("%s: not a kernel image (bzImage)", run->kernel_file);
	run->modules_dir = find_modules(run);
	run->module_file = find_module(run);
	if (run->module && !run->module_file)
		return fail("no " MODULE ".ko for kernel %s in %s/kmod or /lib/modules: build it, or give --no-module",
			    run->release, run->dir);
	return 0;
}

/* The settings that guest/init.c reads. */
static int write_settings(const struct run *run, const char *path)
{
	struct winsize size = { 0 };
	const char *term = getenv("TERM");
	struct strings drivers;
	size_t i;
	FILE *f;

	f = fopen(path, "we");
	if (!f)
		return fail("%s: %s", path, strerror(errno));
	fprintf(f, "module=%d%cshell=%d%cvmci=%d%c", run->module, '\0',
		run->shell, '\0',
		config_bool(run->config, "vmxsim.transport.vmci"), '\0');
	fprintf(f, "net=%d%c", run->net, '\0');
	fprintf(f, "term=%s%c", run->shell && term ? term : "dumb", '\0');
	if (run->shell && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		fprintf(f, "rows=%u%ccols=%u%c", size.ws_row, '\0', size.ws_col, '\0');
	drivers = devices_drivers(run);
	for (i = 0; i < drivers.n; i++)
		fprintf(f, "driver=%s%c", drivers.v[i], '\0');
	for (i = 0; i < run->params.n; i++)
		fprintf(f, "param=%s%c", run->params.v[i], '\0');
	fprintf(f, "--%c", '\0');
	for (i = 0; run->command[i]; i++)
		fprintf(f, "%s%c", run->command[i], '\0');
	if (fclose(f) == EOF)
		return fail("%s: %s", path, strerror(errno));
	return 0;
}

/* Adds the terminal's description, so that the guest's programs know the terminal. */
static void add_terminal(const struct run *run, struct strings *argv)
{
	const char *term = getenv("TERM"), *home = text("%s/.terminfo", home_dir());
	const char *const places[] = {
		getenv("TERMINFO"), home, "/etc/terminfo", "/lib/terminfo",
		"/usr/share/terminfo",
	};
	const char *file;
	size_t i;

	if (!run->shell || !term || !*term || strchr(term, '/'))
		return;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		file = text("%s/%c/%s", places[i] ? places[i] : "", *term, term);
		if (!places[i] || !exists(file))
			continue;
		strings_add(argv, "--add");
		strings_add(argv, file);
		strings_add(argv, text("/usr/share/terminfo/%c/%s", *term, term));
		return;
	}
	fail("no terminfo of TERM=%s: full-screen programs of the guest may not work", term);
}

int guest_run_image(const struct run *run, struct strings *argv)
{
	const char *settings = text("%s/run", run->tmp);
	const char *stage = text("%s/stage", run->dir);
	size_t i;

	if (write_settings(run, settings))
		return EXIT_LAUNCHER;
	strings_add(argv, "--out");
	strings_add(argv, run->initrd);
	strings_add(argv, "--init");
	strings_add(argv, text("%s/init", run->dir));
	strings_add(argv, "--run");
	strings_add(argv, settings);
	if (exists(stage)) {
		strings_add(argv, "--stage");
		strings_add(argv, stage);
	}
	for (i = 0; i < run->adds.n; i += 2) {
		strings_add(argv, "--add");
		strings_add(argv, run->adds.v[i]);
		strings_add(argv, run->adds.v[i + 1]);
	}
	add_terminal(run, argv);
	if (run_program(argv->v, NULL))
		return stop_signal() ? EXIT_LAUNCHER : fail("cannot make the image of the guest");
	return 0;
}

int guest_make_image(const struct run *run)
{
	struct strings argv = { 0 };

	strings_add(&argv, text("%s/image", run->dir));
	strings_add(&argv, "--cache");
	strings_add(&argv, text("%s/images", cache_dir()));
	strings_add(&argv, "--release");
	strings_add(&argv, run->release);
	if (run->modules_dir) {
		strings_add(&argv, "--modules");
		strings_add(&argv, run->modules_dir);
	}
	if (run->module_file) {
		strings_add(&argv, "--module");
		strings_add(&argv, run->module_file);
	}
	if (!run->module) {
		strings_add(&argv, "--unloaded");
		strings_add(&argv, "yes");
	}
	return guest_run_image(run, &argv);
}
