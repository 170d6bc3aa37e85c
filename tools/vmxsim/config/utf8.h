/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
#ifndef VMXSIM_UTF8_H
#define VMXSIM_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * The first character of @text, which has @len bytes, goes to @character.  Returns how many
 * bytes it has; 0: these bytes are no character, or @len is 0.
 */
size_t utf8_first(const void *text, size_t len, uint32_t *character);

#endif
