/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * What every program of vmguest needs: its start, messages, numbers, output. Below
 * everything else. Exit statuses are those of sysexits.h; vmguest(1) describes them.
 */
#ifndef VMGUEST_CLI_H
#define VMGUEST_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <sysexits.h>

/* The beginning of all messages: "vmguest stat". */
extern const char *vmguest_name;

/*
 * The first call of main(). Descriptors 0 to 2 that are closed are opened on /dev/null,
 * and a file that grows too long is an error, not a signal. Messages begin with NAME.
 */
void cli_start(const char *name);

/* The file of this program, as it was executed. Without /proc as well. */
const char *cli_file(void);

/* Undoes for signals what cli_start() did: of a child, or of one that receives them. */
void cli_restore_signals(void);

/* Prints "NAME: message" on standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on messages, whole lines, go to PUT instead. */
void complain_through(void (*put)(const char *text, size_t len));

/* The same, followed by a hint at --help. Returns EX_USAGE. */
int wrong_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For what getopt_long() has complained about already. Returns EX_USAGE. */
int wrong_option(void);

/* Prints TEXT on standard output, for --help. Returns the exit status. */
int print_help(const char *text);

/*
 * The options of a command that has only --help, which prints TEXT, and --json where JSON is
 * not NULL; it takes MAX arguments at most. Returns -1 to go on with argv + optind, else
 * the exit status.
 */
int plain_options(int argc, char **argv, const char *text, int max, bool *json);

/*
 * Ends the output: STATUS, or EX_IOERR with a message when standard output could
 * not be written and STATUS is 0. Every command returns through it.
 */
int end_output(int status);

/* A decimal number from MIN to MAX and nothing else. */
bool parse_number(const char *text, unsigned long min, unsigned long max,
		  unsigned long *number);

#endif
