// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The fake transport. */
#include <linux/container_of.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "fake_transport.h"

static struct fake_transport *to_fake(struct vmgl_transport *transport)
{
	return container_of(transport, struct fake_transport, transport);
}

static int fake_open(struct vmgl_transport *transport)
{
	struct fake_transport *fake = to_fake(transport);
	int error = fake->open_error;

	fake->open_error = 0;
	if (error)
		return error;
	fake->opens += !fake->is_open;
	fake->is_open = true;
	return 0;
}

static void fake_close(struct vmgl_transport *transport)
{
	struct fake_transport *fake = to_fake(transport);

	fake->closes += fake->is_open;
	fake->is_open = false;
}

static bool fake_open_privileged(struct vmgl_transport *transport)
{
	struct fake_transport *fake = to_fake(transport);

	fake->is_open |= fake->gives_privilege;
	return fake->gives_privilege;
}

static void note(struct fake_transport *fake, const void *request, size_t len)
{
	size_t used = strlen(fake->talk);

	fake->exchanges++;
	scnprintf(fake->talk + used, FAKE_TALK_MAX - used, "%s%.*s",
		  used ? " " : "", (int)len, (const char *)request);
}

static bool matches(const struct fake_answer *answer, const void *request,
		    size_t len)
{
	size_t wanted = strlen(answer->request);

	return wanted <= len && !memcmp(answer->request, request, wanted);
}

/* The host answers "Unknown command" to a request that is not in the table. */
static struct fake_answer take(struct fake_transport *fake, const void *request,
			       size_t len)
{
	struct fake_answer answer = {
		.reply = "0 Unknown command",
		.len = sizeof("0 Unknown command") - 1,
	};
	struct fake_answer *at;
	unsigned int i = fake->used;

	while (i--) {
		at = &fake->answers[i];
		if (!matches(at, request, len))
			continue;
		answer = *at;
		if (at->left && !--at->left)
			memmove(at, at + 1, (--fake->used - i) * sizeof(*at));
		break;
	}
	return answer;
}

static int fake_exchange(struct vmgl_transport *transport, const void *request,
			 size_t len, struct vmgl_buffer *reply)
{
	struct fake_transport *fake = to_fake(transport);
	struct fake_answer answer;
	int ret;

	if (!fake->is_open)
		return -EBADFD;
	note(fake, request, len);
	if (fake->during)
		fake->during(fake);
	answer = take(fake, request, len);
	ret = answer.error ? answer.error :
	      vmgl_buffer_resize(reply, answer.len);
	if (ret)
		fake->is_open = false;
	else
		memcpy(reply->data, answer.reply, answer.len);
	return ret;
}

static const struct vmgl_transport_ops fake_ops = {
	.open = fake_open,
	.exchange = fake_exchange,
	.close = fake_close,
	.open_privileged = fake_open_privileged,
};

void fake_transport_init(struct fake_transport *fake)
{
	*fake = (struct fake_transport) {
		.transport.ops = &fake_ops,
		.transport.name = "fake",
	};
}

static struct fake_answer *add(struct fake_transport *fake, const char *request)
{
	struct fake_answer *answer = &fake->answers[fake->used];
	unsigned int i;

	for (i = 0; i < fake->used; i++)
		if (!fake->answers[i].left &&
		    !strcmp(fake->answers[i].request, request))
			answer = &fake->answers[i];
	if (answer == &fake->answers[fake->used])
		fake->used++;
	*answer = (struct fake_answer) {};
	strscpy(answer->request, request, sizeof(answer->request));
	return answer;
}

/* Adds an entry to the table. @reply begins with the verdict, "1 " or "0 ". */
void fake_answer(struct fake_transport *fake, const char *request,
		 const char *reply)
{
	fake_answer_bytes(fake, request, reply, strlen(reply));
}

void fake_answer_bytes(struct fake_transport *fake, const char *request,
		       const void *reply, size_t len)
{
	struct fake_answer *answer = add(fake, request);

	answer->reply = reply;
	answer->len = len;
}

void fake_fail(struct fake_transport *fake, const char *request, int error)
{
	add(fake, request)->error = error;
}

/* The next @request fails. After that, the earlier entries of the table count again. */
void fake_fail_once(struct fake_transport *fake, const char *request, int error)
{
	struct fake_answer *answer = &fake->answers[fake->used++];

	*answer = (struct fake_answer) { .error = error, .left = 1 };
	strscpy(answer->request, request, sizeof(answer->request));
}

/* Returns the requests since the last call, each without @prefix. */
const char *fake_talk(struct fake_transport *fake, const char *prefix)
{
	static char said[FAKE_TALK_MAX];
	size_t skip = strlen(prefix);
	char *to = said;
	char *at = fake->talk;

	while (*at) {
		if (skip && !strncmp(at, prefix, skip))
			at += skip;
		else
			*to++ = *at++;
	}
	*to = '\0';
	fake->talk[0] = '\0';
	return said;
}
