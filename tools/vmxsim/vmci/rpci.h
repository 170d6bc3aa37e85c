/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* GuestRPC on port 976. */
#ifndef VMXSIM_VMCI_RPCI_H
#define VMXSIM_VMCI_RPCI_H

#include "vmci/conn.h"

#define VMCI_PORT_RPCI		976

extern const struct vmci_service vmci_rpci_service;

#endif
