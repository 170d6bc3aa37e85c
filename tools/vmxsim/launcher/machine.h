/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The machine that QEMU is asked for. */
#ifndef VMXSIM_MACHINE_H
#define VMXSIM_MACHINE_H

struct run;

/* Ports of the machine; numbers are those of the guest's ttyS. */
enum port { PORT_CONSOLE, PORT_OUT, PORT_ERR, PORT_CONTROL, PORT_COUNT };

/* QEMU's command line; @fds are the host's ends of the ports.  NULL: said why. */
char **machine_argv(const struct run *run, const int fds[PORT_COUNT]);

#endif
