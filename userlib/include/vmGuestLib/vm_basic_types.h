/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The integer types of the vSphere Guest SDK, in terms of <stdint.h>.
 */
#ifndef _VM_BASIC_TYPES_H_
#define _VM_BASIC_TYPES_H_

#define INCLUDE_ALLOW_USERLEVEL
#define INCLUDE_ALLOW_DISTRIBUTE
#include "includeCheck.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef uint64_t uint64;
typedef int64_t int64;
typedef uint32_t uint32;
typedef int32_t int32;
typedef uint16_t uint16;
typedef int16_t int16;
typedef uint8_t uint8;
typedef int8_t int8;

/* The guard is shared with X11's headers, whose Bool is an int. */
#ifndef _XTYPEDEF_BOOL
#define _XTYPEDEF_BOOL
typedef char Bool;
#endif

#define IS_BOOL(x) (((x) & ~1) == 0)

#ifndef FALSE
#define FALSE 0
#endif
#ifndef TRUE
#define TRUE 1
#endif

/* The processor for which the program is built */
#ifdef __i386__
#define VM_X86_32
#define VM_X86_ANY
#define VM_32BIT
#endif
#ifdef __x86_64__
#define VM_X86_64
#define VM_X86_ANY
#define VM_64BIT
#define vm_x86_64 1
#else
#define vm_x86_64 0
#endif
#ifdef VM_X86_ANY
#define vm_x86_any 1
#else
#define vm_x86_any 0
#endif
#define vm_64bit (sizeof(void *) == 8)

/* Constants of 64 bits, and length modifiers of printf: "%" FMT64 "u" for a uint64,
 * "%" FMTSZ "u" for a size_t, "%" FMTPD "d" for a ptrdiff_t
 */
#ifdef __LP64__
#define CONST64(c) c##L
#define CONST64U(c) c##uL
#define FMT64 "l"
#define FMTPD "l"
#else
#define CONST64(c) c##LL
#define CONST64U(c) c##uLL
#define FMT64 "ll"
#define FMTPD ""
#endif
#define FMTSZ "z"

#define MIN_INT8 ((int8)0x80)
#define MAX_INT8 ((int8)0x7f)
#define MIN_UINT8 ((uint8)0)
#define MAX_UINT8 ((uint8)0xff)
#define MIN_INT16 ((int16)0x8000)
#define MAX_INT16 ((int16)0x7fff)
#define MIN_UINT16 ((uint16)0)
#define MAX_UINT16 ((uint16)0xffff)
#define MIN_INT32 ((int32)0x80000000)
#define MAX_INT32 ((int32)0x7fffffff)
#define MIN_UINT32 ((uint32)0)
#define MAX_UINT32 ((uint32)0xffffffff)
#define MIN_INT64 ((int64)CONST64U(0x8000000000000000))
#define MAX_INT64 CONST64(0x7fffffffffffffff)
#define MIN_UINT64 CONST64U(0)
#define MAX_UINT64 CONST64U(0xffffffffffffffff)

/* Compilers have 128-bit integers for 64-bit processors. */
#ifdef __SIZEOF_INT128__
#define VM_HAS_INT128
__extension__ typedef unsigned __int128 uint128;
__extension__ typedef __int128 int128;
#define MIN_INT128 ((int128)1 << 127)
#define MAX_INT128 (~MIN_INT128)
#define MIN_UINT128 ((uint128)0)
#define MAX_UINT128 (~MIN_UINT128)
#endif

#endif
