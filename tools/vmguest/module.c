// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest load, unload and status: the kernel module, through libkmod; described in
 * man/vmguest-module.1.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <libkmod.h>

#include "attribute.h"
#include "cli.h"
#include "disabled.h"
#include "device.h"
#include "host.h"

#define MODULE		"vmguestlib"
#define PARAMETERS	"/sys/module/" MODULE "/parameters"
#define LOCKDOWN	"/sys/kernel/security/lockdown"
#define MODULES_DISABLED	"/proc/sys/kernel/modules_disabled"

static const char load_help[] =
	"Usage: vmguest load [PARAMETER=VALUE...]\n"
	"\n"
	"Loads the kernel module and the modules that it needs. Only root may do so.\n"
	"\n"
	"      --help\n";

static const char unload_help[] =
	"Usage: vmguest unload\n"
	"\n"
	"Removes the kernel module. Fails while an application is monitored or the device is\n"
	"open. Only root may do so.\n"
	"\n"
	"      --help\n";

static const char status_help[] =
	"Usage: vmguest status\n"
	"\n"
	"Prints whether the kernel module is loaded, its parameters, and the armed clients.\n"
	"\n"
	"      --help\n";

/* The module that a command concerns. */
struct subject {
	struct kmod_ctx *kmod;
	struct kmod_module *module;
};

/* libkmod would print the same failure a second time. */
static void be_quiet(void *data, int priority, const char *file, int line,
		     const char *function, const char *format, va_list arguments)
{
	(void)data, (void)priority, (void)file, (void)line;
	(void)function, (void)format, (void)arguments;
}

static int subject_open(struct subject *subject)
{
	int err;

	*subject = (struct subject) { .kmod = kmod_new(NULL, NULL) };
	if (!subject->kmod)
		return -ENOMEM;
	kmod_set_log_fn(subject->kmod, be_quiet, NULL);
	err = kmod_module_new_from_name(subject->kmod, MODULE, &subject->module);
	if (err < 0)
		kmod_unref(subject->kmod);
	return err < 0 ? err : 0;
}

static void subject_close(struct subject *subject)
{
	kmod_module_unref(subject->module);
	kmod_unref(subject->kmod);
}

/* --- load -------------------------------------------------------------------- */

static bool is_signed(const struct subject *subject)
{
	struct kmod_list *info = NULL, *item;
	bool found = false;

	if (kmod_module_get_info(subject->module, &info) < 0)
		return false;
	kmod_list_foreach(item, info)
		if (!strcmp(kmod_module_info_get_key(item), "signer"))
			found = true;
	kmod_module_info_free_list(info);
	return found;
}

/* A kernel in lockdown returns EPERM for each problem with a signature. */
static bool is_distrusted(const struct subject *subject, int err)
{
	char text[128];

	if (err == -EPERM && (line_read(LOCKDOWN, text, sizeof(text)) || strstr(text, "[none]") ||
			      line_read(MODULES_DISABLED, text, sizeof(text)) || *text != '0'))
		return false;
	return is_signed(subject);
}

static int refuse_signature(const struct subject *subject, int err)
{
	if (err == -EPERM && geteuid())
		complain("no right to load modules (become root)");
	else if (is_distrusted(subject, err))
		complain("the module is signed, but the machine does not trust the key (enrol "
			 "it: 'mokutil --import', and restart; see dkms(8))");
	else if (err != -EPERM)
		complain("the kernel does not trust the module's signature (enrol the key "
			 "that signed it: 'mokutil --import'; see dkms(8))");
	else
		complain("the kernel forbids it: it is locked down and takes signed modules "
			 "only, kernel.modules_disabled is set, or root lacks CAP_SYS_MODULE");
	return EX_NOPERM;
}

static int refuse_load(const struct subject *subject, int err)
{
	struct utsname machine;

	switch (err) {
	case -ENOENT:
		uname(&machine);
		complain("the module is not installed for kernel %s "
			 "(see 'dkms status')", machine.release);
		return EX_UNAVAILABLE;
	case -ENODEV:
		complain("the module refuses this machine: it is not a VMware virtual "
			 "machine");
		return EX_UNAVAILABLE;
	case -ENOKEY:
	case -EKEYREJECTED:
	case -EKEYEXPIRED:
	case -EKEYREVOKED:
	case -EPERM:
		return refuse_signature(subject, err);
	case -ENOEXEC:
		complain("the module was built for another kernel (see 'dkms status' and "
			 "the kernel log)");
		return EX_UNAVAILABLE;
	case -EINVAL:
		complain("the kernel does not accept the module: a wrong parameter? "
			 "(see the kernel log)");
		return EX_CONFIG;
	case -ERANGE:
		return wrong_usage("a parameter is out of its range (see the kernel log)");
	default:
		complain("%s (see the kernel log)", strerror(-err));
		return EX_OSERR;
	}
}

static char *join(int argc, char **argv)
{
	size_t size = 1;
	char *text, *end;
	int i;

	for (i = 0; i < argc; i++)
		size += strlen(argv[i]) + 1;
	text = calloc(1, size);
	if (!text)
		return NULL;
	end = text;
	for (i = 0; i < argc; i++)
		end += sprintf(end, "%s%s", i ? " " : "", argv[i]);
	return text;
}

/*
 * Returns whether this module or each module has this parameter. The descriptions ("parm") are
 * searched, because "parmtype" lacks parameters with functions of their own. The kernel treats
 * - as _.
 */
static bool is_parameter(struct kmod_list *info, const char *name, size_t len)
{
	struct kmod_list *item;
	const char *known;
	size_t i;

	if ((len == 6 && !memcmp(name, "dyndbg", len)) ||
	    (len == 11 && !memcmp(name, "async_probe", len)))
		return true;
	kmod_list_foreach(item, info) {
		if (strcmp(kmod_module_info_get_key(item), "parm"))
			continue;
		known = kmod_module_info_get_value(item);
		for (i = 0; i < len; i++)
			if (known[i] != (name[i] == '-' ? '_' : name[i]))
				break;
		if (len && i == len && known[len] == ':')
			return true;
	}
	return false;
}

/*
 * The kernel accepts unknown names of parameters, so they are checked here. Returns 0, or
 * the exit status. If the module's file cannot be read, the attempt to load it reports that.
 */
static int check_names(const struct subject *subject, char **parameters)
{
	struct kmod_list *info = NULL;
	int status = 0;
	size_t len;

	if (kmod_module_get_info(subject->module, &info) < 0)
		return 0;
	for (; *parameters && !status; parameters++) {
		len = strcspn(*parameters, "=");
		if (!is_parameter(info, *parameters, len))
			status = wrong_usage("the module has no parameter '%.*s' "
					     "(see 'modinfo " MODULE "')",
					     (int)len, *parameters);
	}
	kmod_module_info_free_list(info);
	return status;
}

static int load(struct subject *subject, const char *parameters, char **words)
{
	int err, status;

	/* libkmod reports success for a loaded module and ignores the parameters. */
	if (host_module_is_loaded()) {
		puts("the module is loaded already");
		if (*parameters)
			complain("parameters of a loaded module are in " PARAMETERS);
		return *parameters ? EX_TEMPFAIL : 0;
	}
	status = check_names(subject, words);
	if (status)
		return status;
	err = kmod_module_probe_insert_module(subject->module,
					      0, parameters, NULL, NULL, NULL);
	return err ? refuse_load(subject, err) : 0;
}

static int load_command(int argc, char **argv)
{
	int status = plain_options(argc, argv, load_help, argc, NULL);
	struct subject subject;
	char *parameters;

	if (status >= 0)
		return status;
	parameters = join(argc - optind, argv + optind);
	if (!parameters || subject_open(&subject) < 0) {
		free(parameters);
		complain("%s", strerror(ENOMEM));
		return EX_OSERR;
	}
	status = load(&subject, parameters, argv + optind);
	subject_close(&subject);
	free(parameters);
	return end_output(status);
}

/* --- unload ------------------------------------------------------------------ */

/* Prints TITLE and the clients, if there are any. Returns their number. */
static int print_clients(FILE *stream, const char *title)
{
	struct vmguestlib_heartbeat_client *clients = NULL;
	int fd = host_open(O_RDONLY), count, i;

	if (fd < 0)
		return 0;
	count = host_heartbeats(fd, &clients);
	close(fd);
	if (count > 0)
		fprintf(stream, "%s\n", title);
	for (i = 0; i < count; i++)
		fprintf(stream, "  %s (%s), %s, by uid %u\n", clients[i].name,
			host_kind_word(clients[i].kind),
			host_state_word(clients[i].state), clients[i].uid);
	free(clients);
	return count;
}

static int refuse_unload(int err)
{
	switch (err) {
	case -EPERM:
		if (geteuid())
			complain("no right to remove modules (become root)");
		else
			complain("the kernel forbids it: kernel.modules_disabled is set, or "
				 "root lacks CAP_SYS_MODULE");
		return EX_NOPERM;
	case -EAGAIN:
	case -EBUSY:
		if (print_clients(stderr, "vmguest unload: the module is in use by monitored "
				  "applications (end them, or forget the expired with "
				  "'vmguest heartbeat clear NAME'):") <= 0)
			complain("the module is in use: a program has " VMGUESTLIB_DEVICE
				 " or its watchdog open");
		return EX_TEMPFAIL;
	default:
		complain("%s", strerror(-err));
		return EX_OSERR;
	}
}

/*
 * Waits, because the module repeats a Disable that fails only until it is unloaded. Returns 0
 * or the exit status.
 */
static int wait_for_disable(void)
{
	bool enabled;

	return !host_is_enabled(&enabled) && enabled ? wait_after_last_client() : 0;
}

static int remove_module(struct kmod_module *module)
{
	int status = wait_for_disable(), err;

	if (status)
		return status;
	err = kmod_module_remove_module(module, O_NONBLOCK);
	return err ? refuse_unload(err) : 0;
}

static int unload_command(int argc, char **argv)
{
	int status = plain_options(argc, argv, unload_help, 0, NULL);
	struct subject subject;

	if (status >= 0)
		return status;
	if (subject_open(&subject) < 0) {
		complain("%s", strerror(ENOMEM));
		return EX_OSERR;
	}
	status = 0;
	if (host_module_is_loaded())
		status = remove_module(subject.module);
	else
		puts("the module is not loaded");
	subject_close(&subject);
	return end_output(status);
}

/* --- status ------------------------------------------------------------------ */

static void print_file(const char *directory, const char *name)
{
	char path[512], text[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (!line_read(path, text, sizeof(text)))
		printf("  %s=%s\n", name, text);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void print_parameters(void)
{
	struct dirent **entries;
	int count = scandir(PARAMETERS, &entries, visible, alphasort), i;

	for (i = 0; i < count; i++) {
		print_file(PARAMETERS, entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static int show_status(struct subject *subject)
{
	const char *path = kmod_module_get_path(subject->module);
	int users;

	if (host_module_is_loaded()) {
		puts("loaded, with parameters");
		print_parameters();
		users = kmod_module_get_refcnt(subject->module);
		if (users >= 0)
			printf("used by %d\n", users);
		print_clients(stdout, "monitored applications:");
		return 0;
	}
	if (path && access(path, F_OK))
		path = NULL;
	printf("not loaded; %s\n", path ? path : "not installed for this kernel");
	if (!vmguestlib_machine_is_vmware())
		puts("this is not a VMware virtual machine");
	return EX_UNAVAILABLE;
}

static int status_command(int argc, char **argv)
{
	int status = plain_options(argc, argv, status_help, 0, NULL);
	struct subject subject;

	if (status >= 0)
		return status;
	if (subject_open(&subject) < 0) {
		complain("%s", strerror(ENOMEM));
		return EX_OSERR;
	}
	status = show_status(&subject);
	subject_close(&subject);
	return end_output(status);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {
		{ "vmguest load", load_command },
		{ "vmguest unload", unload_command },
		{ "vmguest status", status_command },
	};
	size_t i;

	cli_start(argc ? argv[0] : "vmguest");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(vmguest_name, commands[i].name))
			return commands[i].run(argc, argv);
	return wrong_usage("this is a part of vmguest");
}
