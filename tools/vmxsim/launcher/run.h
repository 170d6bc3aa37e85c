/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* One run of the guest. */
#ifndef VMXSIM_RUN_H
#define VMXSIM_RUN_H

struct run;

/* Runs the guest to its end. Returns the launcher's exit status. */
int run_guest(struct run *run);

#endif
