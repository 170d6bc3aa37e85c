// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmware-appmonitor without a kernel module: the output and the exit status of each command,
 * of each error, and of invalid arguments.
 */
int command_main(int argc, char **argv);
#define main command_main
#include "../../../tools/sdk/vmware-appmonitor.c"
#undef main

#include <fcntl.h>
#include <stdlib.h>

#include "fake.h"
#include "ktap.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define DEVICE		"/dev/vmguestlib: "

static char *out, *err;

static void reset(void)
{
	fake_reset();
	fake.access = O_RDWR;
}

/* Runs the command with @words, split at blanks. Its output is stored in out and err. */
static int run(const char *words)
{
	char line[200], *argv[8] = { "vmware-appmonitor" };
	FILE *real_out = stdout, *real_err = stderr;
	size_t out_len, err_len;
	int status, argc = 1;
	char *word;

	free(out);
	free(err);
	snprintf(line, sizeof(line), "%s", words);
	for (word = strtok(line, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	stdout = open_memstream(&out, &out_len);
	stderr = open_memstream(&err, &err_len);
	errno = ERANGE;
	status = command_main(argc, argv);
	fclose(stdout);
	fclose(stderr);
	stdout = real_out;
	stderr = real_err;
	return status;
}

static void check_run(const char *words, int status, const char *wanted_out,
		      const char *wanted_err)
{
	printf("# %s\n", words);
	CHECK_EQ(run(words), status);
	CHECK_STR(out, wanted_out);
	CHECK_STR(err, wanted_err);
	CHECK_EQ(seen.open_files, 0);
	CHECK_EQ(seen.bad_calls, 0);
}

KTAP_TEST(each_command_makes_one_request)
{
	static const struct {
		const char *words;
		unsigned int op;
		const char *text, *out;
	} cases[] = {
		{ "enable", 1, "", "" },
		{ "disable", 2, "", "" },
		{ "isEnabled", 3, "", "not enabled\n" },
		{ "markActive", 4, "", "" },
		{ "getAppStatus", 5, "", "Green\n" },
		{ "postAppState appStateOk", 6, "appStateOk", "" },
		{ "postAppState appStateNeedReset", 6, "appStateNeedReset", "" },
		{ "postAppState OK", 6, "OK", "" },
		{ "postAppState needReset", 6, "needReset", "" },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		reset();
		check_run(cases[i].words, 0, cases[i].out, "");
		CHECK_EQ(seen.requests, 1);
		CHECK_EQ(seen_appmon.op, cases[i].op);
		CHECK_STR(seen_appmon.text, cases[i].text);
	}
}

KTAP_TEST(is_enabled_is_the_exit_status)
{
	FILE *real_out = stdout;
	int status;

	reset();
	fake.enabled = true;
	check_run("isEnabled", 1, "enabled\n", "");

	stdout = fopen("/dev/full", "w");
	setvbuf(stdout, NULL, _IONBF, 0);
	status = command_main(2, (char *[]){ "", "isEnabled" });
	fclose(stdout);
	stdout = real_out;
	CHECK_EQ(status, 1);
}

static const char *const failing[] = {
	"enable", "markActive", "postAppState appStateOk",
};

/* A Disable whose error may be temporary is repeated. The message then names the danger. */
static void check_disable(VMGuestAppMonitorLibError error, const char *text)
{
	bool is_repeated = error == 1 && !fake.device_errno && fake.request_errno != EPERM;
	char message[320];

	snprintf(message, sizeof(message), "vmware-appmonitor: disable: %s\n%s", text,
		 is_repeated ? "vmware-appmonitor: disable: the host may still expect "
		 "heartbeats, and resets this machine when none arrive (run "
		 "'vmware-appmonitor disable' until it succeeds)\n" : "");
	seen.requests = 0;
	check_run("disable", error, "", message);
	if (!fake.device_errno)
		CHECK_EQ(seen.requests, is_repeated ? 5 : 1);
}

/* If isEnabled fails, its status must not be 1, which means "enabled". */
static void check_failure(VMGuestAppMonitorLibError error, const char *text,
			  const char *text_without_error)
{
	char message[192];
	size_t i;

	for (i = 0; i < COUNT(failing); i++) {
		snprintf(message, sizeof(message), "vmware-appmonitor: %.*s: %s\n",
			 (int)strcspn(failing[i], " "), failing[i], text);
		check_run(failing[i], error, "", message);
	}
	check_disable(error, text);
	snprintf(message, sizeof(message), "vmware-appmonitor: isEnabled: %s\n",
		 text_without_error);
	check_run("isEnabled", 0, "", message);
	snprintf(message, sizeof(message), "vmware-appmonitor: getAppStatus: %s\n",
		 text_without_error);
	check_run("getAppStatus", 1, "", message);
}

KTAP_TEST(each_error_has_a_message)
{
	reset();
	fake.device_errno = ENOENT;
	check_failure(3, "there is no /dev/vmguestlib (load the kernel module vmguestlib, or "
		      "give the device to the container)",
		      DEVICE "No such file or directory");
	fake.device_errno = EACCES;
	check_failure(1, DEVICE "Permission denied", DEVICE "Permission denied");
	fake.device_errno = EPERM;
	check_failure(1, DEVICE "Operation not permitted", DEVICE "Operation not permitted");
	fake.device_errno = 0;
	fake.request_errno = EPERM;
	check_failure(1, "the host accepts privileged senders only",
		      "the host accepts privileged senders only");
	if (!processor_is_vmware()) {
		fake.device_errno = ENOENT;
		fake.vendor = "QEMU\n";
		check_failure(2, "this is not a VMware virtual machine",
			      DEVICE "No such file or directory");
	}
	reset();
	fake.enabled = true;
	fake.request_errno = EACCES;
	check_failure(3, "application monitoring is not enabled",
		      DEVICE "Permission denied");
	fake.request_errno = EIO;
	check_failure(3, "the host cannot be reached", DEVICE "Input/output error");
	fake.request_errno = EOPNOTSUPP;
	check_failure(4, "this host does not support it",
		      DEVICE "Operation not supported");
	fake.request_errno = EREMOTEIO;
	check_failure(1, DEVICE "Remote I/O error", DEVICE "Remote I/O error");
	fake.request_errno = EINVAL;
	check_failure(1, DEVICE "Invalid argument", DEVICE "Invalid argument");
}

KTAP_TEST(output_that_cannot_be_written)
{
	static char *printing[] = { "getAppStatus", "--help", "--version" };
	FILE *real_out = stdout, *real_err = stderr;
	size_t i, len;
	int status;

	for (i = 0; i < COUNT(printing); i++) {
		reset();
		free(err);
		stdout = fopen("/dev/full", "w");
		stderr = open_memstream(&err, &len);
		status = command_main(2, (char *[]){ "", printing[i] });
		fclose(stdout);
		fclose(stderr);
		stdout = real_out;
		stderr = real_err;
		CHECK_EQ(status, 74);
		CHECK_STR(err, "vmware-appmonitor: standard output: "
			       "No space left on device\n");
	}
}

KTAP_TEST(invalid_arguments)
{
	static const char *const cases[] = {
		"", "Enable", "ENABLE", "isenabled", "mark", "getAppState", "-h",
		"--Help", "enable now", "disable x", "markActive markActive",
		"isEnabled 1", "getAppStatus x", "postAppState",
		"postAppState appStateOk appStateOk", "postAppState ok",
		"postAppState Green", "--help enable", "--version 1",
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		reset();
		fake.enabled = true;
		CHECK_EQ(run(cases[i]), 64);
		CHECK_STR(out, "");
		CHECK(!strncmp(err, "Usage: vmware-appmonitor { enable", 33));
		CHECK_EQ(seen.requests, 0);
	}
	CHECK_EQ(command_main(0, (char *[]){ NULL }), 64);
}

KTAP_TEST(help_and_version)
{
	reset();
	fake.device_errno = ENOENT;
	CHECK_EQ(run("--help"), 0);
	CHECK(!strncmp(out, "Usage: vmware-appmonitor { enable", 33));
	CHECK_STR(err, "");
	check_run("--version", 0, "vmware-appmonitor (vmguestlib) " VERSION "\n",
		  "");
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(each_command_makes_one_request),
	KTAP_ENTRY(is_enabled_is_the_exit_status),
	KTAP_ENTRY(each_error_has_a_message),
	KTAP_ENTRY(output_that_cannot_be_written),
	KTAP_ENTRY(invalid_arguments),
	KTAP_ENTRY(help_and_version),
};

int main(void)
{
	int status = KTAP_MAIN(tests);

	free(out);
	free(err);
	return status;
}
