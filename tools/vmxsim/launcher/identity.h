/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The identity of the machine: processor and SMBIOS tables
 *
 * Sources: boot logs and dmidecode output that users of ESXi published.
 */
#ifndef VMXSIM_IDENTITY_H
#define VMXSIM_IDENTITY_H

#include "config/config.h"
#include "launcher/util.h"

/* Adds QEMU's options for the identity. */
void identity_add(struct strings *argv, const struct config *config,
		  unsigned int mem_mb);

#endif
