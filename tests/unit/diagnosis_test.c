// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The findings of vmguest doctor as JSON: a path or a word of the host may have any bytes, and
 * the document stays valid and contains the text.
 *
 * Links: tools/vmguest/diagnosis.c tools/vmguest/text.c -lcjson
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "../../tools/vmguest/diagnosis.h"

#include "ktap.h"

/* U+FFFD, which replaces control characters and bytes that are not UTF-8 */
#define NO	"\xef\xbf\xbd"

static struct diagnosis diagnosis;
static char document[16384];

/* Stores the document that diagnosis_print_json() prints on standard output. */
static void print(void)
{
	char path[] = "/tmp/diagnosis-XXXXXX";
	int fd = mkstemp(path), standard = dup(STDOUT_FILENO);
	ssize_t len;

	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	CHECK_EQ(diagnosis_print_json(&diagnosis), 0);
	fflush(stdout);
	dup2(standard, STDOUT_FILENO);
	len = pread(fd, document, sizeof(document) - 1, 0);
	document[len > 0 ? len : 0] = '\0';
	close(standard);
	close(fd);
	unlink(path);
}

/* Checks the rules of RFC 8259 for strings: valid UTF-8 and no control characters. */
static bool is_strict(void)
{
	const unsigned char *at = (const unsigned char *)document;
	bool inside = false;

	for (; *at; at++) {
		if (inside && *at == '\\' && at[1])
			at++;
		else if (*at == '"')
			inside = !inside;
		else if (inside && (*at < 0x20 || *at == 0x7f))
			return false;
		else if (*at >= 0x80 && (at[1] & 0xc0) != 0x80)
			return false;
		if (*at >= 0xc2)
			at += *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : 1;
		else if (*at >= 0x80)
			return false;
	}
	return !inside;
}

static const char *member(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
}

static void check_text(const char *path, const char *wanted)
{
	cJSON *parsed;
	const cJSON *found;

	memset(&diagnosis, 0, sizeof(diagnosis));
	finding(&diagnosis, VERDICT_WARNING, "library", "a \"cure\"", "find: %s", path);
	print();
	CHECK(is_strict());
	parsed = cJSON_ParseWithOpts(document, NULL, 1);
	CHECK(parsed);
	found = cJSON_GetArrayItem(cJSON_GetObjectItem(parsed, "findings"), 0);
	CHECK_STR(member(parsed, "verdict"), "warning");
	CHECK_STR(member(found, "verdict"), "warning");
	CHECK_STR(member(found, "subject"), "library");
	CHECK_STR(member(found, "text"), wanted);
	CHECK_STR(member(found, "cure"), "a \"cure\"");
	cJSON_Delete(parsed);
}

KTAP_TEST(quotes_and_backslashes)
{
	check_text("/a\"b\\c/\\\"/\\u0041", "find: /a\"b\\c/\\\"/\\u0041");
	check_text("\"},{\"", "find: \"},{\"");
	check_text("\\", "find: \\");
}

KTAP_TEST(control_characters)
{
	check_text("a\nb\tc\rd", "find: a" NO "b" NO "c" NO "d");
	check_text("\033[2J\001\177", "find: " NO "[2J" NO NO);
	/* U+0085 and U+009B */
	check_text("\xc2\x85\xc2\x9b", "find: " NO NO NO NO);
}

KTAP_TEST(utf8)
{
	check_text("/opt/\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		   "find: /opt/\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
}

KTAP_TEST(invalid_utf8)
{
	check_text("/\xff\xfe/", "find: /" NO NO "/");
	check_text("\xc3", "find: " NO);
	check_text("\xc0\xaf", "find: " NO NO);
	/* A surrogate, a number above U+10FFFF, and two overlong sequences */
	check_text("\xed\xa0\x80", "find: " NO NO NO);
	check_text("\xf4\x90\x80\x80", "find: " NO NO NO NO);
	check_text("\xe0\x80\x80", "find: " NO NO NO);
	check_text("\xf0\x80\x80\x80", "find: " NO NO NO NO);
	check_text("\x80\xbf", "find: " NO NO);
}

/* A long path is cut, perhaps in the middle of a character. */
KTAP_TEST(long_paths)
{
	char path[2 * FINDING_SIZE + 1], wanted[3 * FINDING_SIZE];
	size_t lead, i;

	for (lead = 0; lead < 3; lead++) {
		path[0] = '\0';
		for (i = 0; i < lead; i++)
			strcat(path, "x");
		while (strlen(path) + 3 < sizeof(path))
			strcat(path, "\xe2\x82\xac");
		snprintf(wanted, FINDING_SIZE, "find: %s", path);
		for (i = strlen(wanted) - 1; (wanted[i] & 0xc0) == 0x80; i--)
			;
		if (strlen(wanted + i) < 3) {
			size_t left = strlen(wanted + i);

			wanted[i] = '\0';
			while (left--)
				strcat(wanted, NO);
		}
		check_text(path, wanted);
	}
	memset(path, '\xff', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	strcpy(wanted, "find: ");
	for (i = strlen(wanted); i < FINDING_SIZE - 1; i++)
		strcat(wanted, NO);
	check_text(path, wanted);
}

KTAP_TEST(more_than_there_is_room_for)
{
	size_t i;

	memset(&diagnosis, 0, sizeof(diagnosis));
	for (i = 0; i < FINDINGS_MAX + 1; i++)
		finding(&diagnosis, VERDICT_OK, "library", NULL, "\"%zu\"", i);
	print();
	CHECK(is_strict());
	CHECK_EQ(diagnosis.count, FINDINGS_MAX);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(quotes_and_backslashes),
	KTAP_ENTRY(control_characters),
	KTAP_ENTRY(utf8),
	KTAP_ENTRY(invalid_utf8),
	KTAP_ENTRY(long_paths),
	KTAP_ENTRY(more_than_there_is_room_for),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
