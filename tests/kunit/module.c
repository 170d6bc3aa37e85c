// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The module information of the suites. */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit tests of vmguestlib");
MODULE_AUTHOR("vmguestlib maintainers");
MODULE_LICENSE("GPL");
