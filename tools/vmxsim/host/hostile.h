/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * A hostile host: the fault `hostile`. Its effect on a request only depends on the seed of the
 * fault and on the number of faults that were injected before.
 */
#ifndef VMXSIM_HOSTILE_H
#define VMXSIM_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct faults;
struct served;

/* Changes the bytes or the length of the reply to the request being served, or nothing. */
void hostile_reply(struct faults *faults, struct served *served);

/* Changes the bytes of a packet of VMCI, and their number. */
void hostile_packet(struct faults *faults, uint8_t *data, size_t *len);

#endif
