// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The page that programs map to read the latest statistics.  uapi/linux/vmguestlib.h
 * documents its layout and how a program reads it.
 *
 * The page keeps its content over suspend and hibernation.  The time in the page is a
 * reading of CLOCK_BOOTTIME.  CLOCK_BOOTTIME also counts the time of a suspend or a
 * hibernation, so a reader can compute the age of the content.
 */
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <asm/barrier.h>

#include "page.h"

static_assert(sizeof(struct vmguestlib_page) == VMGUESTLIB_PAGE_SIZE);
static_assert(VMGUESTLIB_PAGE_SIZE == PAGE_SIZE);
static_assert(VMGUESTLIB_STAT_END <= VMGUESTLIB_PAGE_VALUES);

/**
 * vmgl_page_init() - allocate a page without statistics
 * @page: page to initialize
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int vmgl_page_init(struct vmgl_page *page)
{
	page->shown = (void *)get_zeroed_page(GFP_KERNEL);
	if (!page->shown)
		return -ENOMEM;
	page->shown->magic = VMGUESTLIB_PAGE_MAGIC;
	page->shown->size = offsetof(struct vmguestlib_page,
				     values[VMGUESTLIB_STAT_END]);
	page->shown->values_len = VMGUESTLIB_STAT_END;
	return 0;
}

/**
 * vmgl_page_destroy() - release the page
 * @page: the page, which is not mapped any more
 *
 * The memory stays allocated while a program has pinned it, for example for direct I/O.
 *
 * Context: Process context.
 */
void vmgl_page_destroy(struct vmgl_page *page)
{
	free_page((unsigned long)page->shown);
	page->shown = NULL;
}

/*
 * Makes the sequence odd.  A reader loops while the sequence is odd, so the writer must
 * not be preempted.  The comments below name the steps of a reader by their numbers in
 * uapi/linux/vmguestlib.h.
 */
static void vmgl_page_begin(struct vmguestlib_page *shown)
{
	preempt_disable();
	WRITE_ONCE(shown->sequence, shown->sequence + 1);
	/* The sequence is odd before any member changes.  Pairs with the reader's step 4. */
	smp_wmb();
}

static void vmgl_page_end(struct vmguestlib_page *shown)
{
	/* The sequence becomes even after the last write.  Pairs with the reader's step 2. */
	smp_wmb();
	WRITE_ONCE(shown->sequence, shown->sequence + 1);
	preempt_enable();
}

/*
 * Clears @state and all members after it.  Of the members before @state, vmgl_page_init()
 * has set the constants, and the caller changes the sequence.
 */
static void vmgl_page_clear(struct vmguestlib_page *shown)
{
	size_t offset = offsetof(struct vmguestlib_page, state);

	memset((u8 *)shown + offset, 0, sizeof(*shown) - offset);
}

/**
 * vmgl_page_write() - store a snapshot in the page
 * @page: the page
 * @info: the decoded statistics
 * @time_ns: CLOCK_BOOTTIME before the request was sent, in ns
 * @generation: number of session changes up to this snapshot
 *
 * Context: Any context but interrupts.
 */
void vmgl_page_write(struct vmgl_page *page, const struct vmgl_info *info,
		     u64 time_ns, u64 generation)
{
	struct vmguestlib_page *shown = page->shown;

	vmgl_page_begin(shown);
	vmgl_page_clear(shown);
	shown->state = VMGUESTLIB_PAGE_GIVEN;
	shown->info_version = info->version;
	shown->count = info->count;
	shown->session_id = info->session_id;
	shown->generation = generation;
	shown->time_ns = time_ns;
	if (info->path.bytes) {
		shown->path_len = min_t(u32, info->path.len,
					sizeof(shown->path) - 1);
		memcpy(shown->path, info->path.bytes, shown->path_len);
	}
	memcpy(shown->values, info->values, sizeof(info->values));
	vmgl_page_end(shown);
}

/**
 * vmgl_page_restrict() - clear the statistics, and mark the page as restricted
 * @page: the page
 *
 * The page is restricted when the host gives statistics to privileged senders only.
 *
 * Context: Any context but interrupts.
 */
void vmgl_page_restrict(struct vmgl_page *page)
{
	struct vmguestlib_page *shown = page->shown;

	vmgl_page_begin(shown);
	vmgl_page_clear(shown);
	shown->state = VMGUESTLIB_PAGE_RESTRICTED;
	vmgl_page_end(shown);
}

/**
 * vmgl_page_get() - get the memory of the page for a mapping
 * @page: the page
 *
 * Context: Any.
 * Return: the memory, with a reference that the caller owns.
 */
struct page *vmgl_page_get(struct vmgl_page *page)
{
	struct page *memory = virt_to_page(page->shown);

	get_page(memory);
	return memory;
}
