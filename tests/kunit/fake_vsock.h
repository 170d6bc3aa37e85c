/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * VMCI sockets without sockets: connections are made or not as the test wants.
 */
#ifndef VMGL_KUNIT_FAKE_VSOCK_H
#define VMGL_KUNIT_FAKE_VSOCK_H

#include <linux/types.h>

/**
 * struct fake_vsock - how all connections behave
 * @is_missing: the kernel has no such sockets
 * @init_error: of the next vmgl_vsock_init()
 * @connects: a try to connect succeeds while it is waited for
 * @connects_later: it succeeds, but only afterwards
 * @error: of each exchange
 * @errors: so many of them fail, then none
 * @drops: a failed exchange leaves the connection closed on purpose
 * @reply: of an exchange that does not fail
 * @tries: connections tried
 * @exchanges: requests that came
 * @closes: connections closed
 */
struct fake_vsock {
	bool is_missing;
	int init_error;
	bool connects;
	bool connects_later;
	int error;
	unsigned int errors;
	bool drops;
	const char *reply;
	unsigned int tries;
	unsigned int exchanges;
	unsigned int closes;
};

extern struct fake_vsock fake_vsock;

void fake_vsock_reset(void);

#endif
