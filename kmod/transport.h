/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * The interface of a transport to the host's RPC server.
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

/* Sets the length.  The content is lost when the buffer has to grow. */
static inline int vmgl_buffer_resize(struct vmgl_buffer *buffer, size_t len)
{
	if (len > buffer->capacity && buffer->is_fixed)
		return -EMSGSIZE;
	if (len > buffer->capacity) {
		size_t capacity = max_t(size_t, len, 1024);
		/* Zeroed: a host may announce more bytes than it writes. */
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

/* Allocates the final capacity. */
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
 * @open: make the transport ready; does nothing on an open transport.
 *	0 or -EIO
 * @exchange: send @request and receive the raw reply, which may be empty, into
 *	@reply.  A failed exchange leaves no data in the transport.  0, or
 *	-EIO (the host could not be reached or dropped the channel),
 *	-ECONNRESET (the host dropped the connection), -ETIMEDOUT (the host
 *	did not answer), -EPROTO (the host broke the protocol), -EMSGSIZE (reply
 *	above VMGUESTLIB_REPLY_MAX), -ENOMEM
 * @close: release the channel or connection; does nothing on a closed transport
 * @open_privileged: make the transport ready as a privileged sender; false if that
 *	is not possible at present.  NULL: never possible
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
 * struct vmgl_transport - an instance, embedded in the state of its implementation
 * @ops: operations
 * @name: as shown in sysfs and in traces; may change with each request, read with
 *	READ_ONCE()
 * @is_privileged: while the transport is open, the host regards the sender as
 *	privileged; may change with each request, read with READ_ONCE()
 */
struct vmgl_transport {
	const struct vmgl_transport_ops *ops;
	const char *name;
	bool is_privileged;
};

#endif
