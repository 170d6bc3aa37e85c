// SPDX-License-Identifier: LGPL-2.1-or-later
/* vmxsim: runs a command in a throw-away guest of the virtual VMware host. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/config.h"
#include "launcher/run.h"

#ifndef VMXSIM_VERSION
#define VMXSIM_VERSION "unknown"
#endif

static const char usage[] =
"Usage: vmxsim run [OPTION]... -- COMMAND [ARGUMENT]...\n"
"       vmxsim run [OPTION]... --shell\n"
"       vmxsim keys\n"
"\n"
"Boots a throw-away guest on a virtual VMware host, loads the module and runs\n"
"COMMAND in it as root. Standard output is COMMAND's and nothing else.\n"
"'vmxsim keys' lists what a configuration may say.\n"
"\n"
"  --vmx FILE            read the configuration, in .vmx syntax\n"
"  --set KEY=VALUE       one line of it; wins over every file\n"
"  --kernel RELEASE|FILE the guest's kernel (6.1)\n"
"  --smp N               processors (1)\n"
"  --mem MB              memory (256)\n"
"  --append ARGS         more arguments for the kernel\n"
"  --add SRC[:DST]       put a file into the guest, with the libraries it needs\n"
"  --module-param P=V    parameter of the module\n"
"  --no-module           do not load the module\n"
"  --fast-time           skip idle time; one processor only\n"
"  --survive-reset       go on after a reset: COMMAND runs again, with the number\n"
"                        of the boot in VMXSIM_BOOT\n"
"  --no-ring3            refuse port access from user space\n"
"  --trace FILE          write one JSON object per event of the host\n"
"  --timeout SECONDS     give up after that long (120; 0: never)\n"
"  --shell               an interactive guest instead of COMMAND\n"
"  --help, --version\n"
"\n"
"Exit status: COMMAND's, or 123 the HA agent reset the guest, 124 timeout, 125\n"
"the launcher failed, 126 the guest's kernel reported a fault, whose log goes to\n"
"standard error then. A COMMAND ended by a signal gives 128 + its number.\n"
"\n"
"Environment: VMXSIM_KERNEL is the default of --kernel, VMXSIM_APPEND of --append;\n"
"VMXSIM_QEMU names another qemu-system-x86_64; VMXSIM_LOG_DIR a directory that keeps\n"
"the console log, the settings and the trace of every guest; VMXSIM_SCALE a number\n"
"that multiplies --mem and --timeout.\n";

enum option_id {
	OPT_VMX = 256, OPT_SET, OPT_KERNEL, OPT_SMP, OPT_MEM, OPT_APPEND, OPT_ADD,
	OPT_MODULE_PARAM, OPT_NO_MODULE, OPT_FAST_TIME, OPT_SURVIVE_RESET,
	OPT_NO_RING3, OPT_TRACE, OPT_TIMEOUT, OPT_SHELL, OPT_HELP, OPT_VERSION,
};

static const struct option options[] = {
	{ "vmx", required_argument, NULL, OPT_VMX },
	{ "set", required_argument, NULL, OPT_SET },
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
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 }
};

/* --- helpers of all parts --------------------------------------------------- */

int fail(const char *fmt, ...)
{
	va_list ap;

	fputs("vmxsim: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_LAUNCHER;
}

char *text(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		exit(fail("out of memory"));
	va_end(ap);
	return s;
}

void strings_add(struct strings *strings, const char *s)
{
	strings->v = reallocarray(strings->v, strings->n + 2, sizeof(char *));
	if (!strings->v)
		exit(fail("out of memory"));
	strings->v[strings->n++] = text("%s", s);
	strings->v[strings->n] = NULL;
}

/* Reads to the end; the bytes behind a first kilobyte are of no interest. */
static char *read_output(int fd)
{
	char buf[1024], rest[1024];
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(buf) - 1 &&
	       (n = read(fd, buf + len, sizeof(buf) - 1 - len)) > 0)
		len += n;
	while (read(fd, rest, sizeof(rest)) > 0)
		;
	buf[len] = '\0';
	return text("%s", buf);
}

int run_program(char *const argv[], char **output)
{
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		/* The launcher's standard output is COMMAND's. */
		dup2(output ? fds[1] : STDERR_FILENO, STDOUT_FILENO);
		execvp(argv[0], argv);
		fail("%s: %s", argv[0], strerror(errno));
		_exit(127);
	}
	close(fds[1]);
	if (pid > 0 && output)
		*output = read_output(fds[0]);
	close(fds[0]);
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
		if (stop_signal())
			kill(pid, SIGTERM);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* --- the command line ------------------------------------------------------- */

static int try_help(void)
{
	fputs("Try 'vmxsim --help'.\n", stderr);
	return EXIT_LAUNCHER;
}

static int end_output(void)
{
	if (fflush(stdout) || ferror(stdout))
		return fail("standard output: %s", strerror(errno));
	return 0;
}

static int parse_number(const char *name, const char *arg, unsigned int min,
			unsigned int max, unsigned int *number)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(arg, &end, 10);
	if (errno || *end || end == arg || *arg == '-' || value < min || value > max)
		return fail("%s %s: expected a number from %u to %u", name, arg,
			    min, max);
	*number = value;
	return 0;
}

/* SRC[:DST]; a file that has the whole name is SRC alone. */
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
		dst = *src == '/' ? src : text("%s/%s", get_current_dir_name(), src);
	strings_add(&run->adds, src);
	strings_add(&run->adds, dst);
	return 0;
}

static int open_trace(struct run *run, const char *arg)
{
	int fd = open(arg, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return fail("trace %s: %s", arg, strerror(errno));
	close(fd);
	run->trace = *arg == '/' ? arg : text("%s/%s", get_current_dir_name(), arg);
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
		run->ring3 = false;
		return 0;
	case OPT_SHELL:
		run->shell = true;
		return 0;
	default:	/* getopt_long() has said what is wrong */
		return try_help();
	}
}

static int parse_option(struct run *run, int id, const char *arg)
{
	switch (id) {
	case OPT_VMX:
	case OPT_SET:
		return parse_config(run, id, arg);
	case OPT_KERNEL:
		run->kernel = arg;
		return 0;
	case OPT_APPEND:
		run->append = arg;
		return 0;
	case OPT_SMP:
		return parse_number("--smp", arg, 1, 64, &run->smp);
	case OPT_MEM:
		return parse_number("--mem", arg, 96, 65536, &run->mem_mb);
	case OPT_TIMEOUT:
		return parse_number("--timeout", arg, 0, 1000000, &run->timeout_s);
	case OPT_ADD:
		return parse_add(run, arg);
	case OPT_MODULE_PARAM:
		return parse_param(run, arg);
	case OPT_TRACE:
		return open_trace(run, arg);
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

static int check_options(struct run *run)
{
	char err[CONFIG_ERR_SIZE];

	if (run->shell && *run->command)
		return fail("--shell takes no COMMAND");
	if (!run->shell && !*run->command)
		return fail("no COMMAND: vmxsim run [OPTION]... -- COMMAND...");
	if (run->fast_time && run->smp != 1)
		return fail("--fast-time works with one processor only, not with --smp %u",
			    run->smp);
	if (!run->module && run->params.n)
		return fail("--module-param and --no-module contradict each other");
	if (config_check(run->config, err, sizeof(err)))
		return fail("%s", err);
	return 0;
}

static int parse_command_line(struct run *run, int argc, char **argv)
{
	bool timeout_given = false;
	int id, rc;

	/* As which getopt_long() complains. */
	argv[0] = "vmxsim";
	/* '+': COMMAND's own options are not ours. */
	while ((id = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		help_or_version(id);
		timeout_given |= id == OPT_TIMEOUT;
		rc = parse_option(run, id, optarg);
		if (rc)
			return rc;
	}
	if (run->shell && !timeout_given)
		run->timeout_s = 0;
	run->command = argv + optind;
	return check_options(run);
}

/* VMXSIM_SCALE: kernels that check themselves need more of both. */
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

/* --- files of the run -------------------------------------------------------- */

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

	if (kept && !run->trace && open_trace(run, text("%s.trace", kept)))
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
		.smp = 1, .mem_mb = 256, .timeout_s = 120, .ring3 = true, .module = true,
	};
	int rc;

	run.kernel = getenv("VMXSIM_KERNEL");
	run.append = getenv("VMXSIM_APPEND");
	run.config = config_new();
	if (!run.config)
		return fail("out of memory");
	rc = parse_command_line(&run, argc, argv);
	if (rc || scale(&run) || find_own_dir(&run) || make_tmp(&run))
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
	if (argc == 2 && !strcmp(argv[1], "keys")) {
		config_help(stdout);
		return end_output();
	}
	if (argc >= 2 && !strcmp(argv[1], "--help"))
		help_or_version(OPT_HELP);
	if (argc >= 2 && !strcmp(argv[1], "--version"))
		help_or_version(OPT_VERSION);
	if (argc < 2)
		fail("run or keys?");
	else if (!strcmp(argv[1], "keys"))
		fail("keys: unexpected argument '%s'", argv[2]);
	else
		fail("unknown command '%s': run or keys?", argv[1]);
	return try_help();
}
