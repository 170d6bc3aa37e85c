/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/* First in 5.16; before, linux/kernel.h has what is in it. */
#include <linux/kernel.h>
