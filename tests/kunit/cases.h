/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Tables of named cases: an array whose elements have a member "name" becomes the
 * parameters of KUNIT_CASE_PARAM(test, ARRAY_gen_params).
 */
#ifndef VMGL_KUNIT_CASES_H
#define VMGL_KUNIT_CASES_H

#include <kunit/test.h>
#include <linux/string.h>

#define CASES(array)							\
	static void array##_name(const typeof((array)[0]) *one, char *name) \
	{								\
		strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);	\
	}								\
	KUNIT_ARRAY_PARAM(array, array, array##_name)

#endif
