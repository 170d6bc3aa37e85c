// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of mmap() on /dev/vmguestlib: which mappings are allowed, and what they contain. */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "cases.h"
#include "chardev.h"
#include "chardev_kit.h"
#include "file.h"
#include "heartbeat_kit.h"

#define START	0x10000UL

/*
 * Makes a mapping, as mmap() does.  The flags are written directly, because the mapping does
 * not belong to a process.
 */
static struct vm_area_struct *area(struct kunit *test, struct file *file,
				   unsigned long flags)
{
	struct vm_area_struct *vma = kunit_kzalloc(test, sizeof(*vma),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vma);
	vma->vm_file = file;
	vma->vm_start = START;
	vma->vm_end = START + VMGUESTLIB_PAGE_SIZE;
	*(unsigned long *)&vma->vm_flags = flags | VM_MAYREAD | VM_MAYWRITE |
					   VM_MAYEXEC;
	return vma;
}

static int mappings(struct file *file)
{
	return atomic_read(&vmgl_file_of(file)->mappings);
}

static int arm(struct kunit *test, struct file *file)
{
	return kit_arm(test, &vmgl_file_of(file)->owner, "a", 3600000);
}

static const struct map_case {
	const char *name;
	unsigned long flags;
	unsigned long offset;	/* offset of the mapping, in pages */
	unsigned long bytes;
	int error;
} maps[] = {
	{ "to read", VM_READ, 0, SZ_4K, 0 },
	{ "shared", VM_READ | VM_SHARED, 0, SZ_4K, 0 },
	{ "to write", VM_READ | VM_WRITE, 0, SZ_4K, -EPERM },
	{ "to execute", VM_READ | VM_EXEC, 0, SZ_4K, -EPERM },
	{ "another page", VM_READ, 1, SZ_4K, -EINVAL },
	{ "two pages", VM_READ, 0, SZ_8K, -EINVAL },
};

CASES(maps);

static void which_mappings(struct kunit *test)
{
	const struct map_case *one = test->param_value;
	struct file *file = kit_open(test, FMODE_READ);
	struct vm_area_struct *vma = area(test, file, one->flags);

	vma->vm_pgoff = one->offset;
	vma->vm_end = START + one->bytes;
	KUNIT_EXPECT_EQ(test, vmgl_fops.mmap(file, vma), one->error);
	KUNIT_EXPECT_EQ(test, mappings(file), one->error ? 0 : 1);
	if (!one->error) {
		KUNIT_EXPECT_EQ(test, vma->vm_flags & (VM_MAYWRITE | VM_MAYEXEC),
				0UL);
		KUNIT_EXPECT_EQ(test, vma->vm_flags & (VM_DONTEXPAND | VM_DONTDUMP),
				(unsigned long)(VM_DONTEXPAND | VM_DONTDUMP));
	}
	kit_close(file);
}

static void mapping_shows_the_page(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ);
	struct vm_area_struct *vma = area(test, file, VM_READ);
	struct fixture *fixture = test->priv;
	struct vm_fault fault = { .vma = vma };
	struct page *page = virt_to_page(fixture->device.page.shown);
	int references = page_count(page);

	KUNIT_ASSERT_EQ(test, vmgl_fops.mmap(file, vma), 0);
	KUNIT_EXPECT_EQ(test, (int)vma->vm_ops->fault(&fault), 0);
	KUNIT_EXPECT_PTR_EQ(test, fault.page, page);
	/* The page fault has taken one reference to the page. */
	KUNIT_EXPECT_EQ(test, page_count(page), references + 1);
	put_page(fault.page);
	kit_close(file);
}

/*
 * A file cannot be both mapped and armed: a child that has inherited the mapping would keep
 * the file open after its parent has ended.
 */
static void file_is_mapped_or_armed(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ | FMODE_WRITE);
	struct vm_area_struct *vma = area(test, file, VM_READ);

	KUNIT_EXPECT_EQ(test, arm(test, file), 0);
	KUNIT_EXPECT_EQ(test, vmgl_fops.mmap(file, vma), -EBUSY);
	KUNIT_EXPECT_EQ(test, mappings(file), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &vmgl_file_of(file)->owner), 0);
	KUNIT_EXPECT_EQ(test, vmgl_fops.mmap(file, vma), 0);
	/* fork() copies the mapping, and the child ends. */
	vma->vm_ops->open(vma);
	KUNIT_EXPECT_EQ(test, mappings(file), 2);
	vma->vm_ops->close(vma);
	vma->vm_ops->close(vma);
	KUNIT_EXPECT_EQ(test, mappings(file), 0);
	kit_close(file);
}

/* The caller of mmap() holds mmap_lock, so mmap() must not wait for an arming. */
static void mapping_does_not_wait(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ | FMODE_WRITE);
	struct vm_area_struct *vma = area(test, file, VM_READ);

	mutex_lock(&vmgl_file_of(file)->arming);
	KUNIT_EXPECT_EQ(test, vmgl_fops.mmap(file, vma), -EBUSY);
	mutex_unlock(&vmgl_file_of(file)->arming);
	KUNIT_EXPECT_EQ(test, vmgl_fops.mmap(file, vma), 0);
	kit_close(file);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(which_mappings, maps_gen_params),
	KUNIT_CASE(mapping_shows_the_page),
	KUNIT_CASE(file_is_mapped_or_armed),
	KUNIT_CASE(mapping_does_not_wait),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_chardev_mmap",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
