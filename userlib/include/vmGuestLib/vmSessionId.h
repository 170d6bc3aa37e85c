/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
#ifndef _VM_SESSION_ID_H_
#define _VM_SESSION_ID_H_

#include "vm_basic_types.h"

/*
 * Opaque number of a session.  Compare it for equality only, and only within one virtual
 * machine.  A new number means that the cumulative counters have restarted.  They restart
 * at power on, reset, suspend, revert to a snapshot, vMotion, and some kinds of hot-plug.
 */
typedef uint64 VMSessionId;

#endif
