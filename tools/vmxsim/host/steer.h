/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The requests with which a guest steers the model of its own host. */
#ifndef VMXSIM_STEER_H
#define VMXSIM_STEER_H

#include <stdbool.h>
#include <stdio.h>

struct host;

/*
 * Serves "vmxsim.@name @args".  Writes the answer, or writes why the request was refused and
 * returns false.
 */
bool steer(struct host *host, const char *name, const char *args, FILE *out);

#endif
