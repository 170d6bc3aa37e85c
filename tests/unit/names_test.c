// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Names of signals, in the forms in which users and other programs write them.
 *
 * Links: tools/vmguest/names.c tools/vmguest/cli.c
 */
#include <signal.h>
#include <stdlib.h>

#include "../../tools/vmguest/names.h"

#include "ktap.h"

KTAP_TEST(names_are_numbers)
{
	CHECK_EQ(signal_number("TERM"), SIGTERM);
	CHECK_EQ(signal_number("SIGTERM"), SIGTERM);
	CHECK_EQ(signal_number("sigterm"), SIGTERM);
	CHECK_EQ(signal_number("Winch"), SIGWINCH);
	CHECK_EQ(signal_number("IOT"), SIGABRT);
	CHECK_EQ(signal_number("SIGCLD"), SIGCHLD);
	CHECK_EQ(signal_number("IO"), SIGPOLL);
	CHECK_EQ(signal_number("28"), SIGWINCH);
	CHECK_EQ(signal_number("64"), SIGRTMAX);
}

KTAP_TEST(real_time_signals_count_from_both_ends)
{
	CHECK_EQ(signal_number("RTMIN"), SIGRTMIN);
	CHECK_EQ(signal_number("SIGRTMIN"), SIGRTMIN);
	CHECK_EQ(signal_number("sigrtmin+3"), SIGRTMIN + 3);
	CHECK_EQ(signal_number("RTMIN+0"), SIGRTMIN);
	CHECK_EQ(signal_number("RTMIN+30"), SIGRTMAX);
	CHECK_EQ(signal_number("RTMAX"), SIGRTMAX);
	CHECK_EQ(signal_number("rtmax-1"), SIGRTMAX - 1);
	CHECK_EQ(signal_number("SIGRTMAX-30"), SIGRTMIN);
}

KTAP_TEST(other_texts_name_no_signal)
{
	static const char *const texts[] = {
		"", "SIG", "SIGSIGTERM", "TERM ", " TERM", "TERMX", "0", "-1", "65", "+15",
		"15x", "0x0f", "4294967311", "SIG15", "RTMIN-1", "RTMAX+1", "RTMIN+",
		"RTMIN+31", "RTMAX-31", "RTMIN+-1", "RTMIN+3x", "RTMIN 3", "RT",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!CHECK_EQ(signal_number(texts[i]), 0))
			printf("# '%s'\n", texts[i]);
}

KTAP_TEST(a_number_has_the_name_that_is_its_own)
{
	char text[SIGNAL_NAME_SIZE];
	int number;

	CHECK_STR(signal_name(SIGABRT, text), "ABRT");
	CHECK_STR(signal_name(SIGCHLD, text), "CHLD");
	CHECK_STR(signal_name(SIGPOLL, text), "POLL");
	CHECK_STR(signal_name(SIGRTMIN + 3, text), "RTMIN+3");
	CHECK_STR(signal_name(32, text), "32");
	for (number = 1; number <= SIGRTMAX; number++)
		CHECK_EQ(signal_number(signal_name(number, text)), number);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(names_are_numbers),
	KTAP_ENTRY(real_time_signals_count_from_both_ends),
	KTAP_ENTRY(other_texts_name_no_signal),
	KTAP_ENTRY(a_number_has_the_name_that_is_its_own),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
