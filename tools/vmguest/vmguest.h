/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmguest: one program, many commands. Exit statuses are those of sysexits.h;
 * vmguest(1) tells when each of them is meant.
 */
#ifndef VMGUEST_H
#define VMGUEST_H

#include <stdbool.h>
#include <sysexits.h>

/* Each gets "vmguest NAME" as argv[0] and returns the exit status. */
int vmguest_heartbeat(int argc, char **argv);
int vmguest_load(int argc, char **argv);
int vmguest_raw(int argc, char **argv);
int vmguest_rpc(int argc, char **argv);
int vmguest_stat(int argc, char **argv);
int vmguest_top(int argc, char **argv);
int vmguest_export(int argc, char **argv);
int vmguest_doctor(int argc, char **argv);
int vmguest_status(int argc, char **argv);
int vmguest_unload(int argc, char **argv);
int vmguest_watch(int argc, char **argv);

/* What messages begin with: "vmguest stat". */
extern const char *vmguest_name;

/* Prints "NAME: message" on standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, followed by a hint at --help. Returns EX_USAGE. */
int wrong_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For what getopt_long() has complained about already. Returns EX_USAGE. */
int wrong_option(void);

/* Prints TEXT on standard output, for --help. Returns the exit status. */
int print_help(const char *text);

/*
 * Ends the output: STATUS, or EX_IOERR with a message when standard output could
 * not be written and STATUS is 0. Every command returns through it.
 */
int end_output(int status);

/* A decimal number from MIN to MAX and nothing else. */
bool parse_number(const char *text, unsigned long min, unsigned long max,
		  unsigned long *number);

#endif
