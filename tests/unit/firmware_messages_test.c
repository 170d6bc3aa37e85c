// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Messages of the firmware that boots a disk. The launcher must recognize the messages that
 * report that there is no system to boot, and no other messages.
 *
 * Links: tools/vmxsim/launcher
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap.h"
#include "launcher/firmware.h"

static char port[] = "/tmp/firmware-bios-XXXXXX";
static char screen[] = "/tmp/firmware-console-XXXXXX";

static struct run run;

/* Leaks do not count, because the launcher frees no text before it ends. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static void write_log(const char *path, const char *text, size_t len)
{
	FILE *log = fopen(path, "w");

	fwrite(text, 1, len, log);
	fclose(log);
}

/* Sets the name of the firmware, the text at its port, and the text on the console. */
static void say(const char *firmware, const char *at_port, const char *text)
{
	run = (struct run) {
		.disk = "image", .firmware = firmware, .bios_log = port, .console = screen,
	};
	write_log(port, at_port, strlen(at_port));
	write_log(screen, text, strlen(text));
}

#define NOT_BOOTABLE	"Booting from Hard Disk...\nBoot failed: not a bootable disk\n"

KTAP_TEST(bios)
{
	say(NULL, NOT_BOOTABLE "\nNo bootable device.\n", "");
	CHECK(firmware_failure(&run) && strstr(firmware_failure(&run), "image: the BIOS"));
	say("bios", NOT_BOOTABLE "No bootable device.", "");
	CHECK(firmware_failure(&run));
	say(NULL, NOT_BOOTABLE, "");
	CHECK(!firmware_failure(&run));
	/* On the console the text may be from the system, so it does not count. */
	say(NULL, NOT_BOOTABLE, "No bootable device.\nShell> ");
	CHECK(!firmware_failure(&run));
}

KTAP_TEST(efi)
{
	say("ovmf", "", "BdsDxe: starting Boot0002 \"EFI Internal Shell\"\r\n\033[40mShell> ");
	CHECK(firmware_failure(&run) && strstr(firmware_failure(&run), "EFI"));
	say("ovmf-secure", "", "BdsDxe: No bootable option or device was found.\r\n");
	CHECK(firmware_failure(&run));
	say("ovmf", "No bootable device.\n", "BdsDxe: starting Boot0002 \"EFI Internal Shell\"\n");
	CHECK(!firmware_failure(&run));
}

KTAP_TEST(a_nul_on_the_console)
{
	static const char text[] = "\0\033[40mShell> ";

	say("ovmf", "", "");
	write_log(screen, text, sizeof(text) - 1);
	CHECK(firmware_failure(&run));
}

KTAP_TEST(messages_count_only_for_a_disk_that_firmware_boots)
{
	say(NULL, "No bootable device.\n", "");
	run.kernel_file = "vmlinuz";
	CHECK(!firmware_boots(&run) && !firmware_failure(&run));
	run.kernel_file = NULL;
	run.disk = NULL;
	CHECK(!firmware_boots(&run) && !firmware_failure(&run));
}

KTAP_TEST(no_messages_yet)
{
	say(NULL, "", "");
	unlink(port);
	CHECK(!firmware_failure(&run));
	CHECK(!firmware_is_over(&run));
}

KTAP_TEST(a_kernel_message_ends_the_firmware)
{
	say(NULL, "", "\033[2J[    0.000000] Linux version 6.1.0\n");
	CHECK(firmware_is_over(&run));
	say(NULL, "", "GRUB loading.\n");
	CHECK(!firmware_is_over(&run));
}

static bool asks_for_port(void)
{
	struct strings argv = { 0 };
	bool found = false;
	size_t i;

	firmware_add(&argv, &run);
	for (i = 0; i < argv.n; i++)
		found |= !strncmp(argv.v[i], "isa-debugcon", strlen("isa-debugcon"));
	return found;
}

KTAP_TEST(the_port_is_the_bios_s)
{
	say(NULL, "", "");
	CHECK(asks_for_port());
	run.kernel_file = "vmlinuz";
	CHECK(!asks_for_port());
	say("ovmf", "", "");
	CHECK(!asks_for_port());
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(bios),
	KTAP_ENTRY(efi),
	KTAP_ENTRY(a_nul_on_the_console),
	KTAP_ENTRY(messages_count_only_for_a_disk_that_firmware_boots),
	KTAP_ENTRY(no_messages_yet),
	KTAP_ENTRY(a_kernel_message_ends_the_firmware),
	KTAP_ENTRY(the_port_is_the_bios_s),
};

int main(void)
{
	int failed;

	close(mkstemp(port));
	close(mkstemp(screen));
	failed = KTAP_MAIN(tests);
	unlink(port);
	unlink(screen);
	return failed;
}
