/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* Requests of the host to the guest, over the connections of programs to port 975 */
#ifndef VMXSIM_VMCI_TCLO_H
#define VMXSIM_VMCI_TCLO_H

#include "vmci/conn.h"

#define VMCI_PORT_TCLO		975

extern const struct vmci_service vmci_tclo_service;

#endif
