// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Tests of output that could not be written, and of numbers on the command line.
 *
 * Links: tools/vmguest/cli.c
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../tools/vmguest/cli.h"

#include "ktap.h"

static char said[256];

static void keep(const char *text, size_t len)
{
	snprintf(said, sizeof(said), "%.*s", (int)len, text);
}

/* Returns the result of end_output(status) after print(), with /dev/full as standard output. */
static int ended(void (*print)(void), int status)
{
	int before, full = open("/dev/full", O_WRONLY);

	fflush(stdout);
	before = dup(STDOUT_FILENO);
	dup2(full, STDOUT_FILENO);
	close(full);
	said[0] = '\0';
	print();
	errno = ENOENT;
	status = end_output(status);
	/* The rest of the buffer must not reach the results of the tests. */
	fflush(stdout);
	dup2(before, STDOUT_FILENO);
	close(before);
	clearerr(stdout);
	return status;
}

static void print_unbuffered(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	putchar('x');
}

static void print_buffered(void)
{
	static char buffer[BUFSIZ];

	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	putchar('x');
}

static void print_nothing(void)
{
}

KTAP_TEST(a_full_disk_is_named)
{
	complain_through(keep);
	CHECK_EQ(ended(print_buffered, 0), EX_IOERR);
	CHECK_STR(said, "vmguest: standard output: No space left on device\n");
}

/* An earlier failure is reported without a reason, because errno may be from a later call. */
KTAP_TEST(a_failure_of_before_names_no_other_reason)
{
	complain_through(keep);
	CHECK_EQ(ended(print_unbuffered, 0), EX_IOERR);
	CHECK_STR(said, "vmguest: standard output: not all of it was written\n");
}

KTAP_TEST(a_failure_keeps_its_status)
{
	complain_through(keep);
	CHECK_EQ(ended(print_unbuffered, EX_NOPERM), EX_NOPERM);
	CHECK_EQ(ended(print_nothing, EX_NOPERM), EX_NOPERM);
	CHECK_STR(said, "");
	CHECK_EQ(ended(print_nothing, 0), 0);
	CHECK_STR(said, "");
}

KTAP_TEST(numbers_are_decimal_digits_only)
{
	static const char *const wrong[] = {
		"", "-0", "-1", "+1", " 1", "1 ", "0x1", "1e1", "1.0", "1,0", "\xd9\xa1",
		"18446744073709551616", "99999999999999999999999999999999",
	};
	unsigned long number;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (!CHECK(!parse_number(wrong[i], 0, -1ul, &number)))
			printf("# '%s'\n", wrong[i]);
	CHECK(parse_number("18446744073709551615", 0, -1ul, &number));
	CHECK_EQ(number, -1ul);
	CHECK(parse_number("010", 10, 10, &number));
	CHECK(!parse_number("9", 10, 20, &number));
	CHECK(!parse_number("21", 10, 20, &number));
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(a_full_disk_is_named),
	KTAP_ENTRY(a_failure_of_before_names_no_other_reason),
	KTAP_ENTRY(a_failure_keeps_its_status),
	KTAP_ENTRY(numbers_are_decimal_digits_only),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
