/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Functions for all parts of the launcher.  Strings are not freed, because the process ends
 * after one command.
 */
#ifndef VMXSIM_UTIL_H
#define VMXSIM_UTIL_H

#include <stddef.h>

/* Exit statuses of `vmxsim run` itself; all others are those of COMMAND. */
enum {
	EXIT_HA_RESET = 123,
	EXIT_TIMEOUT = 124,
	EXIT_LAUNCHER = 125,
	EXIT_GUEST_KERNEL = 126,
};

struct strings {
	char **v;	/* ended by NULL */
	size_t n;
};

/* Prints an error on standard error; returns EXIT_LAUNCHER. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Returns a new formatted string, never NULL. */
char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void strings_add(struct strings *strings, const char *s);

/* Returns the home directory of the user, never NULL. */
const char *home_dir(void);

/* Returns the absolute path, never NULL. */
char *absolute_path(const char *path);

/* If @arg is not a number in this range, prints an error about @name and returns
 * EXIT_LAUNCHER. */
int parse_number(const char *name, const char *arg, unsigned int min,
		 unsigned int max, unsigned int *number);

/* Doubles the commas of a value, because a comma separates QEMU's options. */
char *util_qemu_escape(const char *value);

/*
 * Runs a program to its end, and returns the exit status of the program, or -1.  If @output
 * is not NULL, *@output is a new string with the first kilobyte of the standard output.
 */
int run_program(char *const argv[], char **output);

/* Flushes standard output.  Returns 0, or EXIT_LAUNCHER after an error message. */
int end_output(void);

#endif
