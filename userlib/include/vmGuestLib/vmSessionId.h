/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
#ifndef _VM_SESSION_ID_H_
#define _VM_SESSION_ID_H_

#include "vm_basic_types.h"

/*
 * Opaque; only equality means something, and only within one virtual machine.
 * A new value says that the cumulative counters began again: power on, reset,
 * vMotion, suspend and resume, snapshot revert, hot-plug.
 */
typedef uint64 VMSessionId;

#endif
