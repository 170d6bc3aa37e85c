// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The properties of the OVF environment: every text that XML allows, and no other text.
 *
 * Links: tools/vmxsim/launcher
 */
#include <string.h>

#include "ktap.h"
#include "launcher/ovf.h"

KTAP_TEST(valid)
{
	static const char *const properties[] = {
		"a=", "a=b=c", "a=\t\r\n", "a=&<>\"'", "a=\x7f", "a=\xc3\xbc", "\xc3\xbc=1",
		"a=\xef\xbf\xbd", "a=\xf0\x9f\x98\x80", "a=\xf4\x8f\xbf\xbf",
	};
	size_t i;

	for (i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		if (!CHECK(ovf_property_valid(properties[i])))
			printf("# number %zu\n", i);
}

KTAP_TEST(invalid)
{
	static const char *const properties[] = {
		"", "a", "=b", "a=\x01", "a=\x1f", "\x08=b", "a=\x80", "a=\xff", "a=\xc3",
		"a=\xc0\x80", "a=\xe0\x80\x80", "a=\xf0\x80\x80\x80", "a=\xc3(", "a=\xe2\x82",
		"a=\xed\xa0\x80", "a=\xef\xbf\xbe", "a=\xef\xbf\xbf", "a=\xf4\x90\x80\x80",
		"a=\xf8\x88\x80\x80\x80",
	};
	size_t i;

	for (i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		if (!CHECK(!ovf_property_valid(properties[i])))
			printf("# number %zu\n", i);
}

KTAP_TEST(quoting)
{
	/* The launcher never frees these objects, so they are static for the leak check. */
	static struct strings properties;
	static const char *document;

	strings_add(&properties, "a&b=<\"'\n>=\xc3\xbc");
	strings_add(&properties, "empty=");
	document = ovf_environment(&properties);
	CHECK(strstr(document, "<Property oe:key=\"a&#38;b\" "
		     "oe:value=\"&#60;&#34;'&#10;&#62;=\xc3\xbc\"/>"));
	CHECK(strstr(document, "<Property oe:key=\"empty\" oe:value=\"\"/>"));
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(valid),
	KTAP_ENTRY(invalid),
	KTAP_ENTRY(quoting),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
