/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
#ifndef _VM_SESSION_ID_H_
#define _VM_SESSION_ID_H_

#include "vm_basic_types.h"

/*
 * Opaque; only equality means something, and only within one virtual machine.
 * A new value means that the cumulative counters have restarted: at power on, reset,
 * suspend, revert to a snapshot, vMotion, and some kinds of hot-plug.
 */
typedef uint64 VMSessionId;

#endif
