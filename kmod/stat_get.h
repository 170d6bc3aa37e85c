/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_STAT_GET_H
#define VMGL_STAT_GET_H

#include <linux/types.h>

#include "rpc.h"

int vmgl_stat_get(struct vmgl_rpc *rpc, const char *encoding,
		  size_t encoding_len, const char *stat, size_t stat_len,
		  struct vmgl_reply *reply);

#endif
