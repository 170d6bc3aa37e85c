/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Functions that every program of vmguest needs: its start, messages, numbers and output.
 * They use no other file of vmguest. Exit statuses are from sysexits.h; vmguest(1) describes
 * them.
 */
#ifndef VMGUEST_CLI_H
#define VMGUEST_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <sysexits.h>

/* The beginning of all messages, for example "vmguest stat". */
extern const char *vmguest_name;

/*
 * main() calls this first. If one of the descriptors 0 to 2 is closed, it is opened on
 * /dev/null. A file that grows too long causes EFBIG, not a signal. Messages begin with NAME.
 */
void cli_start(const char *name);

/* Returns the path by which this program was executed, also if /proc is missing. */
const char *cli_file(void);

/* Restores the signals that cli_start() changed, for a child or to receive these signals. */
void cli_restore_signals(void);

/* Prints "NAME: message" on standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* After this call, PUT gets the messages. Each message is a whole line. */
void complain_through(void (*put)(const char *text, size_t len));

/* Like complain(), followed by a hint at --help. Returns EX_USAGE. */
int wrong_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints only the hint: getopt_long() has printed the error already. Returns EX_USAGE. */
int wrong_option(void);

/* Prints TEXT on standard output, for --help. Returns the exit status. */
int print_help(const char *text);

/*
 * Parses the options of a command that has only --help, which prints TEXT, and --json if JSON
 * is not NULL. The command takes at most MAX arguments. Returns the exit status, or -1 if the
 * command has to continue with argv + optind.
 */
int plain_options(int argc, char **argv, const char *text, int max, bool *json);

/*
 * Ends the output and returns STATUS. If STATUS is 0 and standard output could not be
 * written, complains and returns EX_IOERR. Every command ends with a call of this function.
 */
int end_output(int status);

/* Succeeds if TEXT is a decimal number from MIN to MAX and nothing else. */
bool parse_number(const char *text, unsigned long min, unsigned long max,
		  unsigned long *number);

#endif
