/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/* For User Mode Linux, which has no such header. It can be empty. */
