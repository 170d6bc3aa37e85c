/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * A hostile host: the fault `hostile`. What it does to a request is a function
 * of the fault's seed and of how many faults were met before.
 */
#ifndef VMXSIM_HOSTILE_H
#define VMXSIM_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct faults;
struct served;

/* In the reply to the request that is being served: bytes, length, or none. */
void hostile_reply(struct faults *faults, struct served *served);

/* In the bytes of a packet of VMCI, and their number. */
void hostile_packet(struct faults *faults, uint8_t *data, size_t *len);

#endif
