// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * mmap() of /dev/vmguestlib, which maps the page of statistics.
 *
 * A file with a heartbeat client cannot be mapped, and a mapped file cannot become a
 * client.  A child process inherits the mapping, and the mapping would keep the file open
 * after the parent process has died.  The client would then not expire at once.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/vmguestlib.h>

#include "chardev_mmap.h"
#include "compat/mm.h"
#include "file.h"

#define VMGL_VM_SET	(VM_DONTEXPAND | VM_DONTDUMP)

/*
 * VM_MAYWRITE is cleared so that mprotect() cannot make the mapping writable, and
 * ptrace() cannot write to the page.
 */
#define VMGL_VM_CLEAR	(VM_MAYWRITE | VM_MAYEXEC)

static atomic_t *vmgl_mappings(const struct vm_area_struct *vma)
{
	return &vmgl_file_of(vma->vm_file)->mappings;
}

/* The kernel calls this function when it copies a mapping, as in fork(), not for mmap(). */
static void vmgl_vma_open(struct vm_area_struct *vma)
{
	atomic_inc(vmgl_mappings(vma));
}

static void vmgl_vma_close(struct vm_area_struct *vma)
{
	atomic_dec(vmgl_mappings(vma));
}

static vm_fault_t vmgl_vma_fault(struct vm_fault *vmf)
{
	vmf->page = vmgl_page_get(&vmgl_file_device(vmf->vma->vm_file)->page);
	return 0;
}

static const struct vm_operations_struct vmgl_vma_ops = {
	.open = vmgl_vma_open,
	.close = vmgl_vma_close,
	.fault = vmgl_vma_fault,
};

/*
 * The caller holds mmap_lock.  A task that holds @file->arming may wait for the host.  If
 * this function waited for @file->arming, page faults of the process would wait as well.
 * The function therefore fails if @file->arming is taken.
 */
static int vmgl_file_add_mapping(struct vmgl_file *file)
{
	u32 state, remaining_ms;
	int ret = 0;

	if (!mutex_trylock(&file->arming))
		return -EBUSY;
	vmgl_heartbeat_query(file->device->heartbeat, &file->owner, &state,
			     &remaining_ms);
	if (state != VMGUESTLIB_HEARTBEAT_UNARMED)
		ret = -EBUSY;
	else
		atomic_inc(&file->mappings);
	mutex_unlock(&file->arming);
	return ret;
}

/**
 * vmgl_mmap_file() - map the page of statistics
 * @file: an open file of /dev/vmguestlib
 * @vma: the new mapping
 *
 * Context: Process context, under the mmap lock of the process; does not wait.
 * Return: 0 or a negative error number; uapi/linux/vmguestlib.h documents the errors.
 */
int vmgl_mmap_file(struct file *file, struct vm_area_struct *vma)
{
	int ret;

	if (vma->vm_pgoff ||
	    vma->vm_end - vma->vm_start != VMGUESTLIB_PAGE_SIZE)
		return -EINVAL;
	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EPERM;

	ret = vmgl_file_add_mapping(vmgl_file_of(file));
	if (ret)
		return ret;
	vm_flags_mod(vma, VMGL_VM_SET, VMGL_VM_CLEAR);
	vma->vm_ops = &vmgl_vma_ops;
	return 0;
}
