// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* What makes the suites a module. */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit tests of vmguestlib");
MODULE_AUTHOR("vmguestlib maintainers");
MODULE_LICENSE("GPL");
