// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The entry of kernels since 6.11: inline functions. */
#include "compat/hypercall_inlines.h"
#include "hypercall_entry.h"

HYPERCALL_ENTRY(inlines, 0, 0);
