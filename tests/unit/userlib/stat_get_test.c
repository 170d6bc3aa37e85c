// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Tests of the functions of vmGuestLib.h that take no handle (wire-protocol, chapters 5, 6, 8.2
 * and 8.4).
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "accessors.h"
#include "fake.h"
#include "ktap.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define ERR(name)	VMGUESTLIB_ERROR_##name
#define UNTOUCHED_SIZE	((size_t)0x55)

static char untouched[1];

static void fake_text(enum vmguestlib_reply reply, const char *text, size_t len)
{
	fake_reset();
	fake.reply = reply;
	fake.text = text;
	fake.text_len = len;
}

static void check_no_traces(void)
{
	CHECK_EQ(seen.open_files, 0);
	CHECK_EQ(seen.bad_calls, 0);
}

KTAP_TEST(error_texts)
{
	static const char *const texts[] = {
		"No error",
		"Other error",
		"VMware Guest API is not running in a Virtual Machine",
		"VMware Guest API is not enabled on the host",
		"This value is not available on this host",
		"VMGuestLib_UpdateInfo() has not been called",
		"There is not enough system memory",
		"The provided memory buffer is too small",
		"The provided handle is invalid",
		"One or more arguments were invalid",
		"Host does not support this request.",
		"Other error",
	};
	int error;

	for (error = 0; error < (int)COUNT(texts); error++)
		CHECK_STR(VMGuestLib_GetErrorText(error), texts[error]);
	CHECK_STR(VMGuestLib_GetErrorText(-1), "Other error");
	CHECK_STR(VMGuestLib_GetErrorText(0x7fffffff), "Other error");
}

KTAP_TEST(encoding_null)
{
	char *reply = untouched;
	size_t size = UNTOUCHED_SIZE;

	fake_reset();
	CHECK_EQ(VMGuestLib_StatGet(NULL, "session", &reply, &size),
		 ERR(INVALID_ARG));
	CHECK(reply == untouched);
	CHECK_EQ(size, UNTOUCHED_SIZE);
	CHECK_EQ(VMGuestLib_StatGet(NULL, NULL, NULL, NULL), ERR(INVALID_ARG));
	CHECK_EQ(seen.requests, 0);
}

static VMGuestLibError get_of_length(size_t encoding_len, size_t stat_len)
{
	static char encoding[70000], stat[70000];
	char *reply = untouched;
	size_t size = UNTOUCHED_SIZE;
	VMGuestLibError error;

	memset(encoding, 'e', encoding_len);
	encoding[encoding_len] = '\0';
	memset(stat, 's', stat_len);
	stat[stat_len] = '\0';
	fake_text(VMGUESTLIB_REPLY_OK, "x", 1);
	error = VMGuestLib_StatGet(encoding, stat, &reply, &size);
	if (error) {
		CHECK(reply == untouched);
		CHECK_EQ(size, UNTOUCHED_SIZE);
		CHECK_EQ(seen.requests, 0);
	} else {
		CHECK_STR(seen.encoding, encoding);
		CHECK_STR(seen.stat, stat);
		VMGuestLib_StatFree(reply, size);
	}
	return error;
}

/* 18 bytes precede the encoding, and one follows it, so 236 bytes are left for both texts. */
KTAP_TEST(request_of_255_bytes_at_most)
{
	CHECK_EQ(get_of_length(0, 236), ERR(SUCCESS));
	CHECK_EQ(get_of_length(0, 237), ERR(BUFFER_TOO_SMALL));
	CHECK_EQ(get_of_length(236, 0), ERR(SUCCESS));
	CHECK_EQ(get_of_length(237, 0), ERR(BUFFER_TOO_SMALL));
	CHECK_EQ(get_of_length(4, 232), ERR(SUCCESS));
	CHECK_EQ(get_of_length(4, 233), ERR(BUFFER_TOO_SMALL));
	CHECK_EQ(get_of_length(65536, 65536), ERR(BUFFER_TOO_SMALL));
}

KTAP_TEST(stat_null_is_empty)
{
	char *reply;

	fake_text(VMGUESTLIB_REPLY_OK, "session\n", 8);
	CHECK_EQ(VMGuestLib_StatGet("", NULL, &reply, NULL), ERR(SUCCESS));
	CHECK_EQ(seen.stat_get.encoding_len, 0);
	CHECK_EQ(seen.stat_get.stat_len, 0);
	CHECK_STR(reply, "session\n");
	VMGuestLib_StatFree(reply, 0);
	check_no_traces();
}

KTAP_TEST(every_kind_of_answer_is_text)
{
	static const struct {
		enum vmguestlib_reply kind;
		const char *text;
		size_t len;
		VMGuestLibError wanted;
	} cases[] = {
		{ VMGUESTLIB_REPLY_OK, "a = 1\n", 6, ERR(SUCCESS) },
		{ VMGUESTLIB_REPLY_OK, "nul\0 in it", 10, ERR(SUCCESS) },
		{ VMGUESTLIB_REPLY_OK, "", 0, ERR(SUCCESS) },
		{ VMGUESTLIB_REPLY_REFUSED, "disabled", 8, ERR(NOT_AVAILABLE) },
		{ VMGUESTLIB_REPLY_REFUSED, "", 0, ERR(NOT_AVAILABLE) },
		{ VMGUESTLIB_REPLY_NONE, "", 0, ERR(NOT_AVAILABLE) },
		{ VMGUESTLIB_REPLY_UNKNOWN_COMMAND, "Unknown command", 15,
		  ERR(UNSUPPORTED_VERSION) },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		char *reply = NULL;
		size_t size = UNTOUCHED_SIZE;

		fake_text(cases[i].kind, cases[i].text, cases[i].len);
		CHECK_EQ(VMGuestLib_StatGet("text", "x", &reply, &size),
			 cases[i].wanted);
		CHECK_EQ(size, cases[i].len);
		/* A NUL follows the text, and the size does not include the NUL. */
		CHECK(!memcmp(reply, cases[i].text, cases[i].len + 1));
		VMGuestLib_StatFree(reply, size);

		CHECK_EQ(VMGuestLib_StatGet("text", "x", NULL, NULL),
			 cases[i].wanted);
		size = UNTOUCHED_SIZE;
		CHECK_EQ(VMGuestLib_StatGet("text", "x", NULL, &size),
			 cases[i].wanted);
		CHECK_EQ(size, cases[i].len);
		check_no_traces();
	}
}

KTAP_TEST(longest_answer)
{
	static char text[VMGUESTLIB_REPLY_MAX + 1];
	char *reply;
	size_t size;

	memset(text, 'x', VMGUESTLIB_REPLY_MAX);
	fake_text(VMGUESTLIB_REPLY_OK, text, VMGUESTLIB_REPLY_MAX);
	CHECK_EQ(VMGuestLib_StatGet("json", "x", &reply, &size), ERR(SUCCESS));
	CHECK_EQ(size, VMGUESTLIB_REPLY_MAX);
	CHECK_STR(reply, text);
	CHECK_EQ(seen.requests, 1);
	VMGuestLib_StatFree(reply, size);
}

KTAP_TEST(request_that_fails)
{
	static const int errors[] = {
		EIO, EPROTO, EMSGSIZE, EPERM, ENOMEM, ENOSPC, ENODEV,
	};
	char wanted[128];
	size_t i;

	for (i = 0; i < COUNT(errors) * 2; i++) {
		int err = errors[i / 2];
		char *reply = NULL;
		size_t size = 0;

		fake_reset();
		*(i % 2 ? &fake.device_errno : &fake.request_errno) = err;
		CHECK_EQ(VMGuestLib_StatGet("text", "host", &reply, &size),
			 ERR(NOT_AVAILABLE));
		snprintf(wanted, sizeof(wanted), "/dev/vmguestlib: %s",
			 strerror(err));
		CHECK_STR(reply, wanted);
		CHECK_EQ(size, strlen(wanted));
		VMGuestLib_StatFree(reply, size);
		CHECK_EQ(VMGuestLib_StatGet("text", "host", NULL, NULL),
			 ERR(NOT_AVAILABLE));
		check_no_traces();
	}
}

KTAP_TEST(stat_get_outside_a_vm)
{
	char *reply;

	fake_reset();
	fake.device_errno = ENOENT;
	fake.vendor = NULL;
	CHECK_EQ(VMGuestLib_StatGet("text", "host", &reply, NULL),
		 ERR(NOT_AVAILABLE));
	VMGuestLib_StatFree(reply, 0);
}

KTAP_TEST(signals_do_not_cancel_a_request)
{
	char *reply;

	fake_text(VMGUESTLIB_REPLY_OK, "again", 5);
	fake.host_ms = 20;
	fake_timer(5);
	CHECK_EQ(VMGuestLib_StatGet("xml", "vnet 00:50:56:00:00:01", &reply,
				    NULL), ERR(SUCCESS));
	fake_timer(0);
	CHECK_EQ(seen.requests, 1);
	CHECK_STR(seen.encoding, "xml");
	CHECK_STR(seen.stat, "vnet 00:50:56:00:00:01");
	CHECK_STR(reply, "again");
	VMGuestLib_StatFree(reply, 5);
	check_no_traces();
}

KTAP_TEST(out_of_memory)
{
	char *reply = untouched;
	size_t size = UNTOUCHED_SIZE;

	fake_text(VMGUESTLIB_REPLY_OK, "lost", 4);
	fake.malloc_fails = true;
	CHECK_EQ(VMGuestLib_StatGet("text", "x", &reply, &size), ERR(MEMORY));
	CHECK(!reply);
	CHECK_EQ(size, 0);
	VMGuestLib_StatFree(reply, size);
	CHECK_EQ(VMGuestLib_StatGet("text", "x", NULL, NULL), ERR(MEMORY));
	CHECK_EQ(seen.requests, 0);
}

KTAP_TEST(memory_that_cannot_shrink)
{
	char *reply = NULL;

	fake_text(VMGUESTLIB_REPLY_OK, "kept", 4);
	fake.realloc_fails = true;
	CHECK_EQ(VMGuestLib_StatGet("text", "x", &reply, NULL), ERR(SUCCESS));
	CHECK_STR(reply, "kept");
	VMGuestLib_StatFree(reply, 4);
}

KTAP_TEST(atomic_update_cookie_is_refused)
{
	char *reply = untouched;
	size_t size = UNTOUCHED_SIZE;

	fake_reset();
	CHECK_EQ(VMGuestLib_AtomicUpdateCookie("old", "new", &reply, &size),
		 FALSE);
	CHECK(!reply);
	CHECK_EQ(size, 0);
	CHECK_EQ(VMGuestLib_AtomicUpdateCookie(NULL, NULL, NULL, NULL), FALSE);
	CHECK_EQ(seen.requests, 0);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		KTAP_ENTRY(error_texts),
		KTAP_ENTRY(encoding_null),
		KTAP_ENTRY(request_of_255_bytes_at_most),
		KTAP_ENTRY(stat_null_is_empty),
		KTAP_ENTRY(every_kind_of_answer_is_text),
		KTAP_ENTRY(longest_answer),
		KTAP_ENTRY(request_that_fails),
		KTAP_ENTRY(stat_get_outside_a_vm),
		KTAP_ENTRY(signals_do_not_cancel_a_request),
		KTAP_ENTRY(out_of_memory),
		KTAP_ENTRY(memory_that_cannot_shrink),
		KTAP_ENTRY(atomic_update_cookie_is_refused),
	};

	return KTAP_MAIN(tests);
}
