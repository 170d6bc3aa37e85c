// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include <ctype.h>
#include <string.h>

#include "config/vmx.h"

struct vmx_shown vmx_show(const char *text)
{
	struct vmx_shown shown;
	size_t used = 0;

	for (; *text && used < sizeof(shown.text) - 8; text++) {
		if (isprint((unsigned char)*text))
			shown.text[used++] = *text;
		else
			used += (size_t)sprintf(shown.text + used, "|%02X",
						(unsigned char)*text);
	}
	strcpy(shown.text + used, *text ? "..." : "");
	return shown;
}

static bool key_char(char c)
{
	return isgraph((unsigned char)c) && !strchr("=\"#|", c);
}

static size_t key_length(const char *text)
{
	size_t len = 0;

	while (key_char(text[len]))
		len++;
	return len;
}

bool vmx_key_valid(const char *key)
{
	return *key && !key[key_length(key)];
}

static char *skip_blanks(char *text)
{
	return text + strspn(text, " \t");
}

char *vmx_unquote(char *text, const char **wrong)
{
	char *out = text++;
	unsigned int byte;

	for (; *text && *text != '"'; text++) {
		if (*text != '|') {
			*out++ = *text;
			continue;
		}
		*wrong = "expected two hexadecimal digits after \"|\"";
		if (!isxdigit((unsigned char)text[1]) ||
		    !isxdigit((unsigned char)text[2]))
			return NULL;
		sscanf(text + 1, "%2x", &byte);
		*wrong = "expected a text, got |00";
		if (!byte)
			return NULL;
		*out++ = (char)byte;
		text += 2;
	}
	*wrong = "expected a closing quote";
	if (!*text)
		return NULL;
	*out = '\0';
	return text + 1;
}

/* Cuts a comment and the blanks at the end of a value without quotes. */
static void cut_plain(char *text)
{
	char *end;

	for (end = text; *end; end++)
		if (*end == '#' &&
		    (end == text || isblank((unsigned char)end[-1])))
			break;
	while (end > text && isblank((unsigned char)end[-1]))
		end--;
	*end = '\0';
}

static bool split_value(char *text, char **value, char *wrong,
			size_t wrong_size)
{
	const char *reason = "expected a value after \"=\"";
	char *rest;

	*value = text;
	if (*text != '"') {
		cut_plain(text);
		snprintf(wrong, wrong_size, "%s", reason);
		return *text;
	}
	rest = vmx_unquote(text, &reason);
	if (!rest) {
		snprintf(wrong, wrong_size, "%s", reason);
		return false;
	}
	rest = skip_blanks(rest);
	if (!*rest || *rest == '#')
		return true;
	snprintf(wrong, wrong_size,
		 "expected nothing after the closing quote, got \"%s\"",
		 vmx_show(rest).text);
	return false;
}

bool vmx_split(char *line, char **key, char **value, char *wrong,
	       size_t wrong_size)
{
	char *text = skip_blanks(line), *equals;
	size_t len = key_length(text);

	*key = NULL;
	*value = NULL;
	if (!*text || *text == '#')
		return true;
	equals = skip_blanks(text + len);
	if (!len || *equals != '=') {
		snprintf(wrong, wrong_size,
			 "expected KEY = \"VALUE\", got \"%s\"",
			 vmx_show(text).text);
		return false;
	}
	text[len] = '\0';
	*key = text;
	return split_value(skip_blanks(equals + 1), value, wrong, wrong_size);
}

void vmx_write(FILE *out, const char *key, const char *value)
{
	fprintf(out, "%s = \"", key);
	for (; *value; value++) {
		if (iscntrl((unsigned char)*value) || strchr("\"|", *value))
			fprintf(out, "|%02X", (unsigned char)*value);
		else
			putc(*value, out);
	}
	fputs("\"\n", out);
}
