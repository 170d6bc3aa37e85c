/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The extended statistics, guestlib.stat.get: vSphere Guest SDK, "Tools for
 * Extended Guest Statistics".
 *
 *	text	name = value			one line per metric
 *	yaml	name: and its type, units, value below, or name: "text"
 *	json	{"name":{"type":...,"units":...,"value":N},"name":"text"}
 *	xml	<metrics session="..."><metric name= type= units=>N</metric>
 *
 * The guide shows the list of statistics only as text.  vmxsim has these forms too:
 *
 *	yaml	- "name"
 *	json	["name",...]
 *	xml	<stats session="..."><stat name="..."/></stats>
 */
#ifndef VMXSIM_STAT_H
#define VMXSIM_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct config;
struct model;

/*
 * Answers "ENCODING STAT", the text after the command, with any number of blanks between.
 * Writes the statistics to @out.  If the host refuses the request, writes the text of the
 * refusal and returns false.
 */
bool stat_get(FILE *out, const struct config *config,
	      const struct model *model, const char *arguments, size_t len);

#endif
