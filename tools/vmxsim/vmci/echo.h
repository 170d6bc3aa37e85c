/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* Port 7 sends back all bytes that it receives. */
#ifndef VMXSIM_VMCI_ECHO_H
#define VMXSIM_VMCI_ECHO_H

#include "vmci/conn.h"

#define VMCI_PORT_ECHO		7

extern const struct vmci_service vmci_echo_service;

#endif
