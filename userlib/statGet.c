// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The functions of the vSphere Guest API for the extended statistics, and
 * VMGuestLib_AtomicUpdateCookie().  They take no handle.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/vmguestlib.h>

#include "accessors.h"
#include "device.h"

static bool request_fits(const char *encoding, const char *stat)
{
	const size_t max = VMGUESTLIB_STAT_REQUEST_MAX;

	return strlen("guestlib.stat.get ") + strnlen(encoding, max) +
	       strlen(" ") + strnlen(stat, max) <= max;
}

/*
 * Asks the host for an extended statistic.  Writes the reply, or the description of an
 * error, to TEXT, which has room for VMGUESTLIB_REPLY_MAX bytes and a NUL.
 */
static VMGuestLibError ask(const char *encoding, const char *stat, char *text,
			   size_t *len)
{
	struct vmguestlib_stat_get request = vmguestlib_stat_request(encoding, stat, text);
	int err = vmguestlib_device_request(VMGUESTLIB_IOC_STAT_GET, &request);

	if (err) {
		errno = -err;
		*len = snprintf(text, VMGUESTLIB_REPLY_MAX,
				VMGUESTLIB_DEVICE ": %m");
		return VMGUESTLIB_ERROR_NOT_AVAILABLE;
	}
	*len = request.reply_len;
	text[*len] = '\0';

	switch (request.out_reply) {
	case VMGUESTLIB_REPLY_OK:
		return VMGUESTLIB_ERROR_SUCCESS;
	case VMGUESTLIB_REPLY_UNKNOWN_COMMAND:
		return VMGUESTLIB_ERROR_UNSUPPORTED_VERSION;
	default:
		return VMGUESTLIB_ERROR_NOT_AVAILABLE;
	}
}

static VMGuestLibError ask_allocated(const char *encoding, const char *stat,
				     char **text, size_t *len)
{
	char *longest = malloc(VMGUESTLIB_REPLY_MAX + 1);
	VMGuestLibError error;
	char *shorter;

	*text = NULL;
	*len = 0;
	if (!longest)
		return VMGUESTLIB_ERROR_MEMORY;
	error = ask(encoding, stat, longest, len);
	*text = longest;
	shorter = realloc(longest, *len + 1);
	if (shorter)
		*text = shorter;
	return error;
}

VMGuestLibError VMGuestLib_StatGet(const char *encoding, const char *stat,
				   char **reply, size_t *replySize)
{
	VMGuestLibError error;
	char *text;
	size_t len;

	if (!encoding)
		return VMGUESTLIB_ERROR_INVALID_ARG;
	if (!stat)
		stat = "";
	if (!request_fits(encoding, stat))
		return VMGUESTLIB_ERROR_BUFFER_TOO_SMALL;

	error = ask_allocated(encoding, stat, &text, &len);
	if (replySize)
		*replySize = len;
	if (reply)
		*reply = text;
	else
		free(text);
	return error;
}

void VMGuestLib_StatFree(char *reply, size_t replySize)
{
	(void)replySize;
	free(reply);
}

/**
 * VMGuestLib_AtomicUpdateCookie() - replace a cookie that the host keeps
 * @src: the cookie that the caller expects the host to have
 * @dst: the new cookie
 * @reply: where to write NULL; may be NULL itself
 * @replySize: where to write 0; may be NULL
 *
 * The SDK's library exports this function.  No header declares it, and no program is
 * known to call it.  In the SDK it sends the request ``guestlib.ioctl``, which changes
 * state on the host.  The module does not offer this request on a device opened for
 * reading, and the encoding of the host's answer is unknown.  This function therefore
 * sends nothing, and behaves as if the host had refused the request without a text.
 *
 * Return: FALSE
 */
Bool VMGuestLib_AtomicUpdateCookie(const char *src, const char *dst,
				   char **reply, size_t *replySize)
{
	(void)src;
	(void)dst;
	if (reply)
		*reply = NULL;
	if (replySize)
		*replySize = 0;
	return FALSE;
}
