/* SPDX-License-Identifier: LGPL-2.1-or-later */
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

#ifndef FALSE
#define FALSE 0
#endif
#ifndef TRUE
#define TRUE 1
#endif

/* Length modifiers of printf: "%" FMT64 "u" for a uint64, FMTSZ for a size_t */
#ifdef __LP64__
#define FMT64 "l"
#else
#define FMT64 "ll"
#endif
#define FMTSZ "z"

#endif
