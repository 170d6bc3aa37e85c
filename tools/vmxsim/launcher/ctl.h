/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* vmxsim ctl: one request to the control socket of a running host. */
#ifndef VMXSIM_CTL_H
#define VMXSIM_CTL_H

/* argv[1] is the socket; the request and its values follow.  Returns the exit status. */
int ctl_command(int argc, char **argv);

#endif
