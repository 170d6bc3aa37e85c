// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Compiles compat/hypercall_inlines.h, which is for kernels since 6.11. */
#include "compat/hypercall_inlines.h"
#include "hypercall_entry.h"

HYPERCALL_ENTRY(inlines, 0, 0);
