/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * A small producer of KTAP: a program has one table of tests.
 *
 *	KTAP_TEST(adds)
 *	{
 *		CHECK_EQ(1 + 1, 2);
 *	}
 *
 *	static const struct ktap_test tests[] = { KTAP_ENTRY(adds) };
 *	int main(void) { return KTAP_MAIN(tests); }
 *
 * A failed check is printed as a diagnostic line and the test goes on, so
 * that one run shows everything that is wrong.
 */
#ifndef KTAP_H
#define KTAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct ktap_test {
	const char *name;
	void (*run)(void);
};

static unsigned int ktap_failures;
/* The reason why the test was skipped, or NULL */
static const char *ktap_skipped;

static inline bool ktap_check(bool passed, const char *file, int line,
			      const char *what)
{
	if (!passed) {
		printf("# %s:%d: %s\n", file, line, what);
		ktap_failures++;
	}
	return passed;
}

static inline bool ktap_check_eq(unsigned long long got,
				 unsigned long long wanted, const char *file,
				 int line, const char *what)
{
	if (got == wanted)
		return true;
	printf("# %s:%d: %s: got %llu (0x%llx), wanted %llu (0x%llx)\n",
	       file, line, what, got, got, wanted, wanted);
	ktap_failures++;
	return false;
}

static inline bool ktap_check_str(const char *got, const char *wanted,
				  const char *file, int line, const char *what)
{
	if (got && wanted && !strcmp(got, wanted))
		return true;
	printf("# %s:%d: %s: got \"%s\", wanted \"%s\"\n", file, line, what,
	       got ? got : "(null)", wanted ? wanted : "(null)");
	ktap_failures++;
	return false;
}

/* Runs the tests. Returns the exit status, which is 0 if all tests have passed. */
static inline int ktap_main(const struct ktap_test *tests, size_t count)
{
	bool all_passed = true;
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%zu\n", count);
	for (i = 0; i < count; i++) {
		ktap_failures = 0;
		ktap_skipped = NULL;
		tests[i].run();
		printf("%s %zu %s%s%s\n", ktap_failures ? "not ok" : "ok", i + 1,
		       tests[i].name, ktap_skipped ? " # SKIP " : "",
		       ktap_skipped ? ktap_skipped : "");
		if (ktap_failures)
			all_passed = false;
	}
	return all_passed ? 0 : 1;
}

#define KTAP_TEST(name)	static void name(void)
#define KTAP_ENTRY(name)	{ #name, name }
#define KTAP_MAIN(tests)	\
	ktap_main(tests, sizeof(tests) / sizeof((tests)[0]))

/* Each check returns whether it passed, for tests that cannot go on after a failure. */
#define CHECK(cond)	ktap_check(!!(cond), __FILE__, __LINE__, #cond)
#define CHECK_EQ(got, wanted)	\
	ktap_check_eq((unsigned long long)(got), (unsigned long long)(wanted), \
		      __FILE__, __LINE__, #got " == " #wanted)
#define CHECK_STR(got, wanted)	\
	ktap_check_str(got, wanted, __FILE__, __LINE__, #got)

#endif
