/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * vsock.c is compiled with this header in front of it, after below.h. Its sockets, its worker and
 * its allocations are fakes.
 */
#ifndef VMGL_KUNIT_BELOW_VSOCK_H
#define VMGL_KUNIT_BELOW_VSOCK_H

/* below.h has removed pr_fmt(), which the following headers use. */
#define pr_fmt(fmt) fmt

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <net/sock.h>

#include "fake_vsock.h"

#define sock_create_kern(net, family, type, protocol, socket) \
	fake_sock_create(socket)
#define sock_release(socket)			fake_sock_release(socket)
#define sock_put(sk)				fake_sock_put(sk)
#define msleep(ms)				fake_vsock_sleep()
#define kernel_bind(socket, address, len)	fake_bind(socket, address)
#define kernel_connect(socket, address, len, flags) \
	((void)(address), fake_connect(socket))
#define kernel_sendmsg(socket, msg, vec, count, len) \
	((void)(msg), fake_send(socket, vec, count, len))
#define kernel_recvmsg(socket, msg, vec, count, len, flags) \
	((void)(msg), fake_receive(socket, vec, len, flags))

#undef kthread_create_worker
#define kthread_create_worker(flags, format, name) fake_vsock_run_worker(name)
#define wake_up_process(task)			((void)(task))
#define kthread_queue_work(worker, work)	fake_vsock_queue_work(work)
#define kthread_flush_worker(worker)		fake_vsock_work()
#define kthread_destroy_worker(worker)		fake_vsock_destroy_worker(worker)
#define wait_for_completion(done)		fake_vsock_wait(done)

#undef kvzalloc
#define kvzalloc(size, flags)		fake_vsock_alloc(size, flags)

#endif
