/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/* Kernels have this header since 5.11. Before, linux/kernel.h has its content. */
#include <linux/kernel.h>
