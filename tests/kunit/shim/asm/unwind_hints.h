/* SPDX-License-Identifier: GPL-2.0-only */
/* For User Mode Linux, which has no such header: nothing is needed of it. */
