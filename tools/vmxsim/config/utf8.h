/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
#ifndef VMXSIM_UTF8_H
#define VMXSIM_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Stores the first character of @text, which has @len bytes, in @character.  Returns the
 * length of the character in bytes, or 0 if the bytes are no character or @len is 0.
 */
size_t utf8_first(const void *text, size_t len, uint32_t *character);

#endif
