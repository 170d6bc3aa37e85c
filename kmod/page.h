/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_PAGE_H
#define VMGL_PAGE_H

#include <linux/types.h>
#include <linux/vmguestlib.h>

#include "info.h"

struct page;

/**
 * struct vmgl_page - the page that programs map to read the latest statistics
 * @shown: memory of the page
 *
 * The callers of vmgl_page_write() and vmgl_page_restrict() serialize the calls.
 */
struct vmgl_page {
	struct vmguestlib_page *shown;
};

int vmgl_page_init(struct vmgl_page *page);
void vmgl_page_destroy(struct vmgl_page *page);
void vmgl_page_write(struct vmgl_page *page, const struct vmgl_info *info,
		     u64 time_ns, u64 generation);
void vmgl_page_restrict(struct vmgl_page *page);
struct page *vmgl_page_get(struct vmgl_page *page);

#endif
