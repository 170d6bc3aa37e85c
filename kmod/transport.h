/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * What a transport to the host's RPC server has to offer.
 */
#ifndef VMGL_TRANSPORT_H
#define VMGL_TRANSPORT_H

#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/types.h>

/**
 * struct vmgl_buffer - storage that grows to the largest message seen, charged to the
 * task that grows it
 * @data: kvmalloc'ed or NULL
 * @len: bytes in use
 * @capacity: bytes allocated
 * @is_fixed: it does not grow, for a path that must not allocate
 */
struct vmgl_buffer {
	u8 *data;
	size_t len;
	size_t capacity;
	bool is_fixed;
};

/* Sets the length; the former content is lost when the buffer has to grow. */
static inline int vmgl_buffer_resize(struct vmgl_buffer *buffer, size_t len)
{
	if (len > buffer->capacity && buffer->is_fixed)
		return -EMSGSIZE;
	if (len > buffer->capacity) {
		size_t capacity = max_t(size_t, len, 1024);
		/* A host may announce more than it writes. */
		u8 *data = kvzalloc(capacity, GFP_KERNEL_ACCOUNT);

		if (!data)
			return -ENOMEM;
		kvfree(buffer->data);
		buffer->data = data;
		buffer->capacity = capacity;
	}
	buffer->len = len;
	return 0;
}

/* Allocates now and never again. */
static inline int vmgl_buffer_fix(struct vmgl_buffer *buffer, size_t capacity)
{
	int ret = vmgl_buffer_resize(buffer, capacity);

	buffer->is_fixed = !ret;
	return ret;
}

static inline void vmgl_buffer_free(struct vmgl_buffer *buffer)
{
	kvfree(buffer->data);
	*buffer = (struct vmgl_buffer) {};
}

struct vmgl_transport;

/**
 * struct vmgl_transport_ops - operations of a transport
 * @open: make the transport ready; may be called on an open one.
 *	0 or -EIO
 * @exchange: send @request and receive the raw reply into @reply, which may be
 *	empty.  When this fails, nothing of the exchange is left in the transport:
 *	-EIO (the peer could not be reached or dropped the channel),
 *	-ECONNRESET (it dropped an idle connection), -ETIMEDOUT (it did not
 *	answer), -EPROTO (it broke the protocol), -EMSGSIZE (reply above
 *	VMGUESTLIB_REPLY_MAX), -ENOMEM
 * @close: release what the host holds for us; may be called on a closed one
 * @open_privileged: make it ready as a sender that the host trusts; false if that
 *	cannot be had at present.  NULL: never
 *
 * All are called in process context, one at a time, in a turn of the rpc layer.
 */
struct vmgl_transport_ops {
	int (*open)(struct vmgl_transport *transport);
	int (*exchange)(struct vmgl_transport *transport, const void *request,
			size_t request_len, struct vmgl_buffer *reply);
	void (*close)(struct vmgl_transport *transport);
	bool (*open_privileged)(struct vmgl_transport *transport);
};

/**
 * struct vmgl_transport - an instance, embedded in its implementation's state
 * @ops: its operations
 * @name: as shown in sysfs and in traces; one word, may change with each request
 * @is_privileged: as long as it is open the host knows that no ordinary program is
 *	the sender; one word, may change with each request
 */
struct vmgl_transport {
	const struct vmgl_transport_ops *ops;
	const char *name;
	bool is_privileged;
};

#endif
