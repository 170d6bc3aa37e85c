// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Extended statistics: compares the answers of VMGUESTLIB_IOC_STAT_GET with those of
 * VMGuestLib_StatGet() in both libraries.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/vmguestlib.h>

#include "ovt_agreement.h"

typedef void (*stat_free_fn)(char *, size_t);

struct answer {
	int err;
	VMGuestLibError error;
	char *text;
	size_t len;
};

static struct answer stat_get_device(const char *encoding, const char *stat)
{
	static const VMGuestLibError errors[] = {
		[VMGUESTLIB_REPLY_OK] = VMGUESTLIB_ERROR_SUCCESS,
		[VMGUESTLIB_REPLY_REFUSED] = VMGUESTLIB_ERROR_NOT_AVAILABLE,
		[VMGUESTLIB_REPLY_UNKNOWN_COMMAND] =
			VMGUESTLIB_ERROR_UNSUPPORTED_VERSION,
	};
	static char text[VMGUESTLIB_REPLY_MAX];
	struct vmguestlib_stat_get request = {
		.size = sizeof(request),
		.encoding = (uintptr_t)encoding,
		.encoding_len = strlen(encoding),
		.stat = (uintptr_t)stat,
		.stat_len = stat ? strlen(stat) : 0,
		.reply = (uintptr_t)text,
		.reply_len = sizeof(text),
	};
	struct answer answer = { .text = text };

	answer.error = VMGUESTLIB_ERROR_NOT_AVAILABLE;
	if (ioctl(device, VMGUESTLIB_IOC_STAT_GET, &request))
		answer.err = errno;
	else
		answer.error = errors[request.out_reply];
	answer.len = request.reply_len;
	return answer;
}

/* Returns whether @text is the text of open-vm-tools for a request without an answer. */
static bool broken(const char *text)
{
	static const char theirs[] = "VSockOut: ";

	return text && !strncmp(text, theirs, strlen(theirs));
}

static void compare_answer(enum who who, const char *encoding, const char *stat,
			   const struct answer *wanted)
{
	stat_get_fn stat_get = (stat_get_fn)function(who, "StatGet");
	stat_free_fn stat_free = (stat_free_fn)function(who, "StatFree");
	VMGuestLibError wanted_error = wanted->error;
	char *text = NULL;
	size_t len = 0;
	VMGuestLibError error;

	if (who == THEIRS &&
	    wanted_error == VMGUESTLIB_ERROR_UNSUPPORTED_VERSION)
		wanted_error = VMGUESTLIB_ERROR_NOT_AVAILABLE;
	error = stat_get(encoding, stat, &text, &len);
	while (!wanted->err && broken(text) && ask_again(who)) {
		stat_free(text, len);
		error = stat_get(encoding, stat, &text, &len);
	}
	if (error != wanted_error)
		differs("%s: error %d, the device: %d", who_names[who], error,
			wanted_error);
	/* If the host does not answer, the libraries have different texts. */
	if (!wanted->err && (!text || len != wanted->len || text[len] ||
			     memcmp(text, wanted->text, len)))
		differs("%s: %zu bytes \"%s\", the device: %zu bytes \"%.*s\"",
			who_names[who], len, text, wanted->len, (int)wanted->len,
			wanted->text);
	stat_free(text, len);
}

static void compare_stat_get(const char *encoding, const char *stat)
{
	struct answer wanted = stat_get_device(encoding, stat);
	char name[80];

	if (wanted.err)
		printf("# the device: %s\n", strerror(wanted.err));
	compare_answer(OURS, encoding, stat, &wanted);
	compare_answer(THEIRS, encoding, stat, &wanted);
	snprintf(name, sizeof(name), "StatGet encoding '%s' statistic %s",
		 encoding, stat ? stat : "NULL");
	verdict(name);
}

/*
 * A request may have 255 bytes. The command with its space has 18 bytes, and the encoding with
 * its space has 5. 232 bytes are left for the name of the statistic.
 */
static void compare_stat_get_limit(void)
{
	char stat[234];
	size_t len;

	for (len = 231; len <= 233; len++) {
		VMGuestLibError errors[LIBRARIES];
		enum who who;

		memset(stat, 'x', len);
		stat[len] = '\0';
		for (who = OURS; who < LIBRARIES; who++) {
			char *text = NULL;

			errors[who] = ((stat_get_fn)function(who, "StatGet"))
						("text", stat, &text, NULL);
			((stat_free_fn)function(who, "StatFree"))(text, 0);
			if ((errors[who] == VMGUESTLIB_ERROR_BUFFER_TOO_SMALL)
			    != (len > 232))
				differs("%s: %zu bytes: error %d", who_names[who],
					len, errors[who]);
		}
	}
	verdict("StatGet with a request of 255 bytes");
}

static const char *const encodings[] = { "text", "json", "xml", "yaml", "" };
static const char *const stats[] = {
	NULL, "", "session", "host", "resources", "vscsi scsi0:0", "nonsense",
};

size_t stat_get_tests(void)
{
	return COUNT(encodings) * COUNT(stats) + 2;
}

void compare_all_stat_gets(void)
{
	size_t i, j;

	for (i = 0; i < COUNT(encodings); i++)
		for (j = 0; j < COUNT(stats); j++)
			compare_stat_get(encodings[i], stats[j]);
	compare_stat_get("rot13", "session");
	compare_stat_get_limit();
}
