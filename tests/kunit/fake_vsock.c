// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The fake VMCI sockets, in place of vsock.c. */
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "fake_vsock.h"
#include "vsock.h"

struct fake_vsock fake_vsock;

/* Only whether there is one matters. */
static struct kthread_worker worker;

static struct vmgl_vsock *to_vsock(struct vmgl_transport *transport)
{
	return container_of(transport, struct vmgl_vsock, transport);
}

void fake_vsock_reset(void)
{
	fake_vsock = (struct fake_vsock) { .reply = "1 by vsock" };
}

static int fake_open(struct vmgl_transport *transport)
{
	struct vmgl_vsock *vsock = to_vsock(transport);

	if (vsock->state != VMGL_VSOCK_CONNECTED)
		vmgl_vsock_connect(vsock);
	return vsock->state == VMGL_VSOCK_CONNECTED ? 0 : -EIO;
}

static int fake_exchange(struct vmgl_transport *transport, const void *request,
			 size_t len, struct vmgl_buffer *reply)
{
	struct vmgl_vsock *vsock = to_vsock(transport);
	int ret;

	fake_vsock.exchanges++;
	if (fake_vsock.errors) {
		fake_vsock.errors--;
		vsock->state = fake_vsock.drops ? VMGL_VSOCK_CLOSED :
						  VMGL_VSOCK_FAILED;
		return fake_vsock.error;
	}
	ret = vmgl_buffer_resize(reply, strlen(fake_vsock.reply));
	if (!ret)
		memcpy(reply->data, fake_vsock.reply, reply->len);
	return ret;
}

static void fake_close(struct vmgl_transport *transport)
{
	struct vmgl_vsock *vsock = to_vsock(transport);

	fake_vsock.closes += vsock->state != VMGL_VSOCK_CLOSED;
	vsock->state = VMGL_VSOCK_CLOSED;
}

static const struct vmgl_transport_ops fake_ops = {
	.open = fake_open,
	.exchange = fake_exchange,
	.close = fake_close,
};

int vmgl_vsock_init(struct vmgl_vsock *vsock, const char *name,
		    bool is_privileged, u32 patience_ms)
{
	if (fake_vsock.init_error)
		return fake_vsock.init_error;
	*vsock = (struct vmgl_vsock) {
		.transport.ops = &fake_ops,
		.transport.name = "vsock",
		.transport.is_privileged = is_privileged,
		.worker = fake_vsock.is_missing ? NULL : &worker,
		.patience_ms = patience_ms,
	};
	return 0;
}

void vmgl_vsock_destroy(struct vmgl_vsock *vsock)
{
	vsock->worker = NULL;
}

void vmgl_vsock_connect(struct vmgl_vsock *vsock)
{
	fake_vsock.tries++;
	vsock->state = fake_vsock.connects ? VMGL_VSOCK_CONNECTED :
		       fake_vsock.connects_later ? VMGL_VSOCK_CONNECTING :
						   VMGL_VSOCK_FAILED;
}

bool vmgl_vsock_wait(struct vmgl_vsock *vsock, u32 ms)
{
	return vsock->state == VMGL_VSOCK_CONNECTED;
}
