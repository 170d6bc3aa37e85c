/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The part of the kernel's header that the unit tests of kmod/ need. */
#ifndef VMGL_SHIM_UNALIGNED_H
#define VMGL_SHIM_UNALIGNED_H

#include <endian.h>
#include <string.h>

#include <linux/types.h>

#define VMGL_SHIM_GET_UNALIGNED(name, type, convert)		\
	static inline type get_unaligned_##name(const void *at)	\
	{							\
		type value;					\
								\
		memcpy(&value, at, sizeof(value));		\
		return convert(value);				\
	}

VMGL_SHIM_GET_UNALIGNED(le32, u32, le32toh)
VMGL_SHIM_GET_UNALIGNED(le64, u64, le64toh)
VMGL_SHIM_GET_UNALIGNED(be32, u32, be32toh)
VMGL_SHIM_GET_UNALIGNED(be64, u64, be64toh)

static inline void put_unaligned_be32(u32 value, void *at)
{
	value = htobe32(value);
	memcpy(at, &value, sizeof(value));
}

#endif
