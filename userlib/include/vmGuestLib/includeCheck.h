/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * For source compatibility with the vSphere Guest SDK.  A header of the SDK defines
 * INCLUDE_ALLOW_* macros for the code that may include it, and then includes this file.
 * This file checks and undefines these macros.  It has no include guard, because each
 * header includes it again.
 */
#ifdef __KERNEL__
#error "The vSphere Guest SDK headers are for user space."
#endif

#undef INCLUDE_ALLOW_DISTRIBUTE
#undef INCLUDE_ALLOW_MKS
#undef INCLUDE_ALLOW_MODULE
#undef INCLUDE_ALLOW_USERLEVEL
#undef INCLUDE_ALLOW_VMCORE
#undef INCLUDE_ALLOW_VMKDRIVERS
#undef INCLUDE_ALLOW_VMKERNEL
#undef INCLUDE_ALLOW_VMK_MODULE
#undef INCLUDE_ALLOW_VMMON
#undef INCLUDE_ALLOW_VMX
