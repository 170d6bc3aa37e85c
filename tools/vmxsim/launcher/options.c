// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "launcher/options.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "config/vmx.h"
#include "launcher/ovf.h"

#ifndef VMXSIM_VERSION
#define VMXSIM_VERSION "unknown"
#endif

#define MEM_MIN_MB	96u

static const char usage[] =
"Usage: vmxsim run [OPTION]... -- COMMAND [ARGUMENT]...\n"
"       vmxsim run [OPTION]... --shell\n"
"       vmxsim ctl PATH REQUEST [VALUE]...\n"
"       vmxsim keys\n"
"       vmxsim rootfs SUITE [PACKAGE]...\n"
"       vmxsim fetch-kernel NAME\n"
"\n"
"'vmxsim run' boots a throw-away guest on a virtual VMware host, loads the module and\n"
"runs COMMAND in the guest as root. Only COMMAND writes to standard output.\n"
"'vmxsim ctl' sends a request to the host of a guest that was started with --control.\n"
"'vmxsim keys' lists the keys of a configuration.\n"
"'vmxsim rootfs' makes an image of a Debian system for --disk and prints its path.\n"
"'vmxsim fetch-kernel' fetches one of Debian's kernels for --kernel.\n"
"\n"
"  --vmx FILE            read the configuration, in .vmx syntax\n"
"  --set KEY=VALUE       set a key of the configuration; overrides the files\n"
"  --disk IMAGE          boot an installed system instead, and run COMMAND there; see\n"
"                        vmxsim(1) for what the system needs\n"
"  --write-disk          keep the guest's writes in the image\n"
"  --firmware NAME       boot the image by bios, ovmf or ovmf-secure\n"
"  --net user            add a network adapter that reaches this machine's network\n"
"  --gdb PORT            let gdb attach to the guest at a port of this machine\n"
"  --qemu-arg ARG        add an argument for QEMU\n"
"  --kernel RELEASE|FILE set the guest's kernel (default: the kernel of this machine's\n"
"                        release of Debian)\n"
"  --smp N               set the number of processors (default: numvcpus of the\n"
"                        configuration, or else 1)\n"
"  --mem MB              set the memory (default: memsize of the configuration, or else\n"
"                        512, or 1024 with --disk)\n"
"  --append ARGS         add arguments for the kernel\n"
"  --add SRC[:DST]       put a file into the guest, with the libraries it needs\n"
"  --module-param P=V    set a parameter of the module\n"
"  --no-module           do not load the module\n"
"  --fast-time           skip idle time; one processor only\n"
"  --survive-reset       continue after a reset: COMMAND runs again, with the number\n"
"                        of the boot in VMXSIM_BOOT\n"
"  --no-ring3            refuse the backdoor to programs of the guest\n"
"  --trace FILE          write one JSON object per event of the host\n"
"  --control PATH        accept requests at this socket; see 'vmxsim ctl'\n"
"  --ovf-property K=V    add a property to guestinfo.ovfEnv, as vCenter does\n"
"  --dump-guestinfo FILE write all guestinfo variables as JSON at the end\n"
"  --timeout SECONDS     end the run after this time; 0: no timeout (default: 120, or\n"
"                        600 with --disk, or 0 with --shell)\n"
"  --shell               open a shell in the guest instead of running COMMAND\n"
"  --help, --version\n"
"\n"
"The exit status of 'run' is that of COMMAND, or 128 plus the number of the signal that\n"
"ended COMMAND. It is 123 if the HA agent reset the guest, 124 at the timeout, 125 if\n"
"the launcher failed, and 126 if the guest's kernel reported a fault. With 126, the\n"
"console log goes to standard error. 'ctl' ends with 1 if the request is refused, and\n"
"'fetch-kernel' with 3 if Debian has no such kernel. Each command ends with 125 after\n"
"any other failure.\n"
"\n"
"Environment:\n"
"  VMXSIM_KERNEL     default of --kernel, without --disk\n"
"  VMXSIM_APPEND     default of --append\n"
"  VMXSIM_HYPERCALL  default of vmxsim.cpuid.hypercall\n"
"  VMXSIM_OVMF_VARS  file of other variables for the firmware\n"
"  VMXSIM_QEMU       program to use instead of qemu-system-x86_64\n"
"  VMXSIM_LOG_DIR    directory for the console log, the configuration and the trace of\n"
"                    every guest\n"
"  VMXSIM_SCALE      number that multiplies --mem and --timeout\n";

enum option_id {
	OPT_VMX = 256, OPT_DISK, OPT_WRITE_DISK, OPT_FIRMWARE, OPT_NET, OPT_QEMU_ARG, OPT_GDB,
	OPT_SET, OPT_KERNEL, OPT_SMP, OPT_MEM, OPT_APPEND, OPT_ADD,
	OPT_MODULE_PARAM, OPT_NO_MODULE, OPT_FAST_TIME, OPT_SURVIVE_RESET,
	OPT_NO_RING3, OPT_TRACE, OPT_TIMEOUT, OPT_SHELL,
	OPT_CONTROL, OPT_DUMP_GUESTINFO, OPT_OVF_PROPERTY, OPT_HELP, OPT_VERSION,
};

static const struct option options[] = {
	{ "vmx", required_argument, NULL, OPT_VMX },
	{ "set", required_argument, NULL, OPT_SET },
	{ "disk", required_argument, NULL, OPT_DISK },
	{ "write-disk", no_argument, NULL, OPT_WRITE_DISK },
	{ "firmware", required_argument, NULL, OPT_FIRMWARE },
	{ "net", required_argument, NULL, OPT_NET },
	{ "qemu-arg", required_argument, NULL, OPT_QEMU_ARG },
	{ "gdb", required_argument, NULL, OPT_GDB },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "smp", required_argument, NULL, OPT_SMP },
	{ "mem", required_argument, NULL, OPT_MEM },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "add", required_argument, NULL, OPT_ADD },
	{ "module-param", required_argument, NULL, OPT_MODULE_PARAM },
	{ "no-module", no_argument, NULL, OPT_NO_MODULE },
	{ "fast-time", no_argument, NULL, OPT_FAST_TIME },
	{ "survive-reset", no_argument, NULL, OPT_SURVIVE_RESET },
	{ "no-ring3", no_argument, NULL, OPT_NO_RING3 },
	{ "trace", required_argument, NULL, OPT_TRACE },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "shell", no_argument, NULL, OPT_SHELL },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "dump-guestinfo", required_argument, NULL, OPT_DUMP_GUESTINFO },
	{ "ovf-property", required_argument, NULL, OPT_OVF_PROPERTY },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 }
};

int options_try_help(void)
{
	fputs("Try 'vmxsim --help'.\n", stderr);
	return EXIT_LAUNCHER;
}

/* Parses SRC[:DST].  If a file has the whole argument as its name, SRC is this argument. */
static int parse_add(struct run *run, const char *arg)
{
	const char *colon = strrchr(arg, ':');
	const char *dst = NULL;
	char *src;

	if (colon && access(arg, F_OK) < 0) {
		src = text("%.*s", (int)(colon - arg), arg);
		dst = colon + 1;
	} else {
		src = text("%s", arg);
	}
	if (access(src, R_OK) < 0)
		return fail("--add %s: %s: %s", arg, src, strerror(errno));
	if (dst && *dst != '/')
		return fail("--add %s: expected an absolute path in the guest", arg);
	if (!dst)
		dst = absolute_path(src);
	strings_add(&run->adds, src);
	strings_add(&run->adds, dst);
	return 0;
}

int options_open_trace(struct run *run, const char *arg)
{
	int fd = open(arg, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return fail("trace %s: %s", arg, strerror(errno));
	close(fd);
	run->trace = absolute_path(arg);
	return 0;
}

static int parse_param(struct run *run, const char *arg)
{
	const char *equals = strchr(arg, '=');

	if (!equals || equals == arg)
		return fail("--module-param %s: expected P=V", arg);
	strings_add(&run->params, arg);
	return 0;
}

static int parse_property(struct run *run, const char *arg)
{
	if (!ovf_property_valid(arg))
		return fail("--ovf-property %s: expected KEY=VALUE of characters that XML has",
			    vmx_show(arg).text);
	strings_add(&run->properties, arg);
	return 0;
}

static int parse_config(struct run *run, int id, const char *arg)
{
	char err[CONFIG_ERR_SIZE];
	int rc;

	if (id == OPT_VMX)
		rc = config_read_file(run->config, arg, err, sizeof(err));
	else
		rc = config_set(run->config, arg, "--set", err, sizeof(err));
	return rc ? fail("%s", err) : 0;
}

static int set_key(struct run *run, const char *assignment)
{
	char err[CONFIG_ERR_SIZE];

	if (config_set(run->config, assignment, "vmxsim", err, sizeof(err)))
		return fail("%s", err);
	return 0;
}

/* The SMBIOS tables have to name the firmware that runs. */
static int parse_firmware(struct run *run, const char *arg)
{
	if (strcmp(arg, "bios") && strcmp(arg, "ovmf") && strcmp(arg, "ovmf-secure"))
		return fail("--firmware %s: expected bios, ovmf or ovmf-secure", arg);
	run->firmware = arg;
	return set_key(run, strcmp(arg, "bios") ? "firmware=efi" : "firmware=bios");
}

static int parse_net(struct run *run, const char *arg)
{
	if (strcmp(arg, "user"))
		return fail("--net %s: expected user", arg);
	run->net = true;
	return set_key(run, "ethernet0.present=TRUE");
}

static int parse_flag(struct run *run, int id)
{
	switch (id) {
	case OPT_NO_MODULE:
		run->module = false;
		return 0;
	case OPT_FAST_TIME:
		run->fast_time = true;
		return 0;
	case OPT_SURVIVE_RESET:
		run->survive_reset = true;
		return 0;
	case OPT_NO_RING3:
		return parse_config(run, OPT_SET,
				    "monitor_control.restrict_backdoor=TRUE");
	case OPT_WRITE_DISK:
		run->write_disk = true;
		return 0;
	case OPT_SHELL:
		run->shell = true;
		return 0;
	default:	/* getopt_long() has printed the error */
		return options_try_help();
	}
}

static int parse_option(struct run *run, int id, const char *arg)
{
	switch (id) {
	case OPT_VMX:
	case OPT_SET:
		return parse_config(run, id, arg);
	case OPT_DISK:
		/* In a relative path, QEMU takes the text before a colon as a protocol. */
		run->disk = absolute_path(arg);
		return 0;
	case OPT_FIRMWARE:
		return parse_firmware(run, arg);
	case OPT_NET:
		return parse_net(run, arg);
	case OPT_QEMU_ARG:
		strings_add(&run->qemu_args, arg);
		return 0;
	case OPT_GDB:
		return parse_number("--gdb", arg, 1, 65535, &run->gdb_port);
	case OPT_KERNEL:
		run->kernel = arg;
		return 0;
	case OPT_APPEND:
		run->append = arg;
		return 0;
	case OPT_SMP:
		return parse_number("--smp", arg, 1, 128, &run->smp);
	case OPT_MEM:
		return parse_number("--mem", arg, MEM_MIN_MB, 65536, &run->mem_mb);
	case OPT_TIMEOUT:
		return parse_number("--timeout", arg, 0, 1000000, &run->timeout_s);
	case OPT_ADD:
		return parse_add(run, arg);
	case OPT_MODULE_PARAM:
		return parse_param(run, arg);
	case OPT_CONTROL:
		run->control = absolute_path(arg);
		return 0;
	case OPT_DUMP_GUESTINFO:
		run->guestinfo = absolute_path(arg);
		return 0;
	case OPT_OVF_PROPERTY:
		return parse_property(run, arg);
	case OPT_TRACE:
		return options_open_trace(run, arg);
	default:
		return parse_flag(run, id);
	}
}

static void help_or_version(int id)
{
	if (id == OPT_HELP)
		fputs(usage, stdout);
	else if (id == OPT_VERSION)
		puts("vmxsim " VMXSIM_VERSION);
	else
		return;
	exit(end_output());
}

/* With VMXSIM_HYPERCALL the tests run a suite once for each hypercall instruction. */
static int set_hypercall(struct run *run)
{
	const char *hypercall = getenv("VMXSIM_HYPERCALL");
	char err[CONFIG_ERR_SIZE];

	if (!hypercall || !*hypercall || config_given(run->config, "vmxsim.cpuid.hypercall"))
		return 0;
	if (config_set(run->config, text("vmxsim.cpuid.hypercall=%s", hypercall),
		       "VMXSIM_HYPERCALL", err, sizeof(err)))
		return fail("%s", err);
	return 0;
}

/* Sets the defaults that depend on the kind of guest: throw-away or --disk. */
static int set_defaults(struct run *run)
{
	if (!run->disk) {
		if (!run->kernel)
			run->kernel = getenv("VMXSIM_KERNEL");
		return 0;
	}
	if (!run->mem_mb && !config_given(run->config, "memsize"))
		run->mem_mb = 1024;
	/* The image is scsi0:0, unless only nvme0:0 is configured. */
	if (!config_bool(run->config, "nvme0:0.present"))
		return set_key(run, "scsi0:0.present=TRUE");
	return 0;
}

static int check_disk(const struct run *run)
{
	if (!run->disk && (run->firmware || run->write_disk))
		return fail("--firmware and --write-disk are for --disk");
	if (run->disk && run->fast_time)
		return fail("--fast-time and --disk contradict each other");
	return 0;
}

/* If the option was given, sets the key to @number; otherwise sets @number by the key. */
static int shape_by(struct run *run, const char *key, const char *option,
		    unsigned int *number)
{
	char err[CONFIG_ERR_SIZE];

	if (*number && config_put(run->config, key, text("%u", *number), option, err,
				  sizeof(err)))
		return fail("%s", err);
	*number = (unsigned int)config_u64(run->config, key);
	return 0;
}

static int shape(struct run *run)
{
	char err[CONFIG_ERR_SIZE];

	if (shape_by(run, "numvcpus", "--smp", &run->smp) ||
	    shape_by(run, "memsize", "--mem", &run->mem_mb))
		return EXIT_LAUNCHER;
	if (run->mem_mb < MEM_MIN_MB)
		return fail("memsize: a guest needs %u MB at least, got %u", MEM_MIN_MB,
			    run->mem_mb);
	if (config_check(run->config, err, sizeof(err)))
		return fail("%s", err);
	return 0;
}

static int add_environment(struct run *run)
{
	char err[CONFIG_ERR_SIZE];

	if (run->properties.n &&
	    config_put(run->config, "guestinfo.ovfEnv", ovf_environment(&run->properties),
		       "--ovf-property", err, sizeof(err)))
		return fail("--ovf-property: %s", err);
	return 0;
}

static int check_options(struct run *run)
{
	if (add_environment(run))
		return EXIT_LAUNCHER;
	if (run->shell && *run->command)
		return fail("--shell takes no COMMAND");
	if (!run->shell && !*run->command)
		return fail("no COMMAND: vmxsim run [OPTION]... -- COMMAND...");
	if (check_disk(run) || set_defaults(run) || shape(run))
		return EXIT_LAUNCHER;
	if (run->fast_time && run->smp != 1)
		return fail("--fast-time works with one processor only, not with numvcpus or --smp %u",
			    run->smp);
	if (!run->module && run->params.n)
		return fail("--module-param and --no-module contradict each other");
	return 0;
}

/*
 * VMXSIM_SCALE: kernels that check themselves need more memory and more time.  The
 * statistics keep the size without the factor.
 */
static int scale(struct run *run)
{
	const char *factor = getenv("VMXSIM_SCALE");
	unsigned int by = 1;

	if (!factor || !*factor)
		return 0;
	if (parse_number("VMXSIM_SCALE", factor, 1, 100, &by))
		return EXIT_LAUNCHER;
	run->mem_mb *= by;
	run->timeout_s *= by;
	return 0;
}

int options_parse(struct run *run, int argc, char **argv)
{
	bool timeout_given = false;
	int id, rc;

	/* getopt_long() begins its messages with this name. */
	argv[0] = "vmxsim";
	/* '+' stops the parsing at COMMAND, whose options follow. */
	while ((id = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		help_or_version(id);
		timeout_given |= id == OPT_TIMEOUT;
		rc = parse_option(run, id, optarg);
		if (rc)
			return rc;
	}
	if (!timeout_given)
		run->timeout_s = run->shell ? 0 : run->disk ? 600 : 120;
	run->command = argv + optind;
	rc = check_options(run);
	return rc || set_hypercall(run) ? EXIT_LAUNCHER : scale(run);
}

void options_help(const char *arg)
{
	if (!strcmp(arg, "--help"))
		help_or_version(OPT_HELP);
	if (!strcmp(arg, "--version"))
		help_or_version(OPT_VERSION);
}
