/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/* First in 5.14; before, linux/kernel.h has what is in it. */
#include <linux/kernel.h>
