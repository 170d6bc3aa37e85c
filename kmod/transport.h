/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * The interface of a transport to the host's RPC server, and the buffer for replies.
 */
#ifndef VMGL_TRANSPORT_H
#define VMGL_TRANSPORT_H

#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/types.h>

/**
 * struct vmgl_buffer - buffer that grows to the size of the longest message
 * @data: memory of kvzalloc(), or NULL
 * @len: number of bytes in use
 * @capacity: number of bytes allocated
 * @is_fixed: whether the buffer may not grow, for a path that must not allocate
 *
 * The memory is charged to the task that lets the buffer grow, unless the task is a thread
 * of the kernel.
 */
struct vmgl_buffer {
	u8 *data;
	size_t len;
	size_t capacity;
	bool is_fixed;
};

/*
 * Sets the length to @len.  If the buffer has to grow, its content is lost.  Returns 0,
 * -ENOMEM, or -EMSGSIZE if a buffer that may not grow is too small.
 */
static inline int vmgl_buffer_resize(struct vmgl_buffer *buffer, size_t len)
{
	if (len > buffer->capacity && buffer->is_fixed)
		return -EMSGSIZE;
	if (len > buffer->capacity) {
		size_t capacity = max_t(size_t, len, 1024);
		/* Clear the memory: a host may announce more bytes than it writes. */
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

/* Allocates @capacity bytes; the buffer does not grow after that.  Returns 0 or -ENOMEM. */
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
 * @open: make the transport ready for an exchange; does nothing on an open transport.
 *	Returns 0 or -EIO
 * @exchange: send @request and receive the raw reply, which may be empty, into
 *	@reply.  After a failed exchange, the transport does not deliver a late reply to
 *	the next exchange.  Returns 0, -EIO (the host could not be reached or dropped the
 *	channel), -ECONNRESET (the host dropped the connection), -ETIMEDOUT (the host did
 *	not answer), -EPROTO (the host broke the protocol), -EMSGSIZE (the reply is longer
 *	than VMGUESTLIB_REPLY_MAX, or than a buffer that may not grow) or -ENOMEM
 * @close: release the channel or connection; does nothing on a closed transport
 * @open_privileged: make the transport ready as a privileged sender; returns whether
 *	that succeeded.  NULL if the transport has no privileged senders
 *
 * The rpc layer calls all operations in process context, with the lock of struct vmgl_rpc
 * held.
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
 * @ops: operations of the transport
 * @name: name for sysfs and traces; may change with each request, so it is read with
 *	READ_ONCE()
 * @is_privileged: whether the host treats the sender as privileged while the transport
 *	is open; may change with each request, so it is read with READ_ONCE()
 */
struct vmgl_transport {
	const struct vmgl_transport_ops *ops;
	const char *name;
	bool is_privileged;
};

#endif
