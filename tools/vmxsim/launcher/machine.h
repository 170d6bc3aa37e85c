/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The command line of QEMU */
#ifndef VMXSIM_MACHINE_H
#define VMXSIM_MACHINE_H

struct run;

/* The serial ports of the machine, numbered like the guest's ttyS */
enum port { PORT_CONSOLE, PORT_OUT, PORT_ERR, PORT_CONTROL, PORT_COUNT };

/*
 * Returns QEMU's command line, or NULL after an error message.  @fds are the sockets of the
 * ports that QEMU inherits.
 */
char **machine_argv(const struct run *run, const int fds[PORT_COUNT]);

#endif
