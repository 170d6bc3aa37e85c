// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "launcher/ovf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/utf8.h"

/* Returns whether XML allows the character.  XML allows no other character as &#...; either. */
static bool is_xml(uint32_t character)
{
	if (character < ' ')
		return character == '\t' || character == '\n' || character == '\r';
	return character != 0xfffe && character != 0xffff;
}

bool ovf_property_valid(const char *property)
{
	size_t len = strlen(property), n;
	uint32_t character;

	if (*property == '=' || !strchr(property, '='))
		return false;
	for (; len; property += n, len -= n) {
		n = utf8_first(property, len, &character);
		if (!n || !is_xml(character))
			return false;
	}
	return true;
}

/* Writes a value of an attribute.  XML reads a newline as a blank if it is not escaped. */
static void put_escaped(FILE *out, const char *value, size_t len)
{
	for (; len--; value++) {
		if (strchr("&<>\"\t\n\r", *value))
			fprintf(out, "&#%d;", *value);
		else
			putc(*value, out);
	}
}

static void put_property(FILE *out, const char *property)
{
	const char *equals = strchr(property, '=');

	fputs("      <Property oe:key=\"", out);
	put_escaped(out, property, (size_t)(equals - property));
	fputs("\" oe:value=\"", out);
	put_escaped(out, equals + 1, strlen(equals + 1));
	fputs("\"/>\n", out);
}

char *ovf_environment(const struct strings *properties)
{
	char *document = NULL;
	size_t size = 0, i;
	FILE *out = open_memstream(&document, &size);

	if (!out)
		exit(fail("out of memory"));
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	      "<Environment\n"
	      "     xmlns=\"http://schemas.dmtf.org/ovf/environment/1\"\n"
	      "     xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"\n"
	      "     xmlns:oe=\"http://schemas.dmtf.org/ovf/environment/1\"\n"
	      "     xmlns:ve=\"http://www.vmware.com/schema/ovfenv\"\n"
	      "     oe:id=\"\">\n"
	      "   <PlatformSection>\n"
	      "      <Kind>VMware ESXi</Kind>\n"
	      "      <Version>8.0.0</Version>\n"
	      "      <Vendor>VMware, Inc.</Vendor>\n"
	      "      <Locale>en</Locale>\n"
	      "   </PlatformSection>\n"
	      "   <PropertySection>\n", out);
	for (i = 0; i < properties->n; i++)
		put_property(out, properties->v[i]);
	fputs("   </PropertySection>\n</Environment>\n", out);
	if (fclose(out))
		exit(fail("out of memory"));
	return document;
}
