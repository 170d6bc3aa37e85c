/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The syntax of one line of a .vmx file. */
#ifndef VMXSIM_VMX_H
#define VMXSIM_VMX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A text for a message: printable and cut to a short length. */
struct vmx_shown {
	char text[80];
};
struct vmx_shown vmx_show(const char *text);

/*
 * Splits KEY = "VALUE" in place.  *@key is NULL for a comment or an empty line.  After an
 * error, vmx_split() returns false, @wrong is the reason, and *@key is the key, or NULL if
 * the error is before the value.
 */
bool vmx_split(char *line, char **key, char **value, char *wrong,
	       size_t wrong_size);

/*
 * Decodes a quoted value in place.  Returns the text after the closing quote, or NULL with
 * the reason in @wrong.
 */
char *vmx_unquote(char *text, const char **wrong);

bool vmx_key_valid(const char *key);

/* Writes KEY = "VALUE" and a newline. */
void vmx_write(FILE *out, const char *key, const char *value);

#endif
