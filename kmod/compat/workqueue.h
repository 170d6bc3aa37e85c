/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/* Since 6.17, there is system_dfl_wq, which replaces system_unbound_wq. */
#ifndef VMGL_COMPAT_WORKQUEUE_H
#define VMGL_COMPAT_WORKQUEUE_H

#include <linux/workqueue.h>

#ifndef VMGL_HAVE_SYSTEM_DFL_WQ
#define system_dfl_wq	system_unbound_wq
#endif

#endif
