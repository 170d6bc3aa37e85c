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
 * @data: memory of kvzalloc(), NULL, or the static memory of vmgl_backdoor_send_once()
 * @len: number of bytes in use
 * @capacity: number of bytes allocated
 * @is_fixed: whether the buffer does not grow, for a path that must not allocate
 *
 * The memory is charged to the memory cgroup of the task that lets the buffer grow.  What
 * a thread of the kernel allocates is not charged.
 */
struct vmgl_buffer {
	u8 *data;
	size_t len;
	size_t capacity;
	bool is_fixed;
};

/*
 * Sets the length to @len.  If the buffer has to grow, the function may sleep, and the
 * content is lost.  Returns 0, -ENOMEM, or -EMSGSIZE if a buffer that may not grow is too
 * small.  After an error the buffer is unchanged.
 */
static inline int vmgl_buffer_resize(struct vmgl_buffer *buffer, size_t len)
{
	if (len > buffer->capacity && buffer->is_fixed)
		return -EMSGSIZE;
	if (len > buffer->capacity) {
		size_t capacity = max_t(size_t, len, 1024);
		/* A safeguard: a program must never get uninitialized memory. */
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

/*
 * Allocates at least @capacity bytes, and sets the length to @capacity.  After that, the
 * buffer does not grow.  Returns 0 or -ENOMEM.
 */
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
 * @open: make the transport ready for an exchange.  An open transport stays open, but
 *	transport_choice.c may replace a channel by a connection, or the reverse.  Returns 0
 *	or -EIO
 * @exchange: send @request over the open transport, and receive the whole reply with its
 *	prefix "1 " or "0 " into @reply.  The reply may be empty.  After a failed exchange,
 *	the transport does not deliver a late reply to the next exchange.  Returns 0, -EIO
 *	(the host could not be reached, or the channel or connection failed), -ECONNRESET
 *	(the connection was lost; only vsock.c returns this, for transport_choice.c),
 *	-ETIMEDOUT (the host did not answer), -EPROTO (the host broke the protocol),
 *	-EMSGSIZE (the reply is longer than VMGUESTLIB_REPLY_MAX, or than a buffer that may
 *	not grow) or -ENOMEM
 * @close: end the use of the channel or connection; does nothing on a closed transport.
 *	A socket may be released later, by its thread
 * @open_privileged: make the transport ready as a privileged sender; returns whether
 *	that succeeded.  Only transport_choice.c has this operation
 *
 * The rpc layer calls the operations in process context, with the lock of struct vmgl_rpc
 * held; they may sleep.  transport_choice.c passes the calls on.  Without this lock,
 * vmgl_vsock_forbid() and vmgl_vsock_destroy() call @close of vsock.c, and
 * vmgl_backdoor_send_once() calls the operations of backdoor.c, which do not sleep then.
 */
struct vmgl_transport_ops {
	int (*open)(struct vmgl_transport *transport);
	int (*exchange)(struct vmgl_transport *transport, const void *request,
			size_t request_len, struct vmgl_buffer *reply);
	void (*close)(struct vmgl_transport *transport);
	bool (*open_privileged)(struct vmgl_transport *transport);
};

/**
 * struct vmgl_transport - one transport, a member of the structure of its implementation
 * @ops: operations of the transport
 * @name: name for sysfs and traces; may change with each request.  Readers without the
 *	lock of struct vmgl_rpc use READ_ONCE()
 * @was_repeated: set by @exchange if it sends a request over a second transport.  If the
 *	host refuses the request there, it may have served the request over the first
 *	transport.  The rpc layer clears this member before each request
 * @is_privileged: whether the host treats the sender as privileged while the transport
 *	is open; may change with each request
 */
struct vmgl_transport {
	const struct vmgl_transport_ops *ops;
	const char *name;
	bool was_repeated;
	bool is_privileged;
};

#endif
