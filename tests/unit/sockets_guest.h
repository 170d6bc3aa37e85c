/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Functions for tests of the virtual host's sockets: a VMCI device without a machine, and a guest
 * whose driver sleeps until the host notifies it, as Linux's driver does.
 */
#ifndef SOCKETS_GUEST_H
#define SOCKETS_GUEST_H

#include "host_fixture.h"
#include "vmci/conn.h"
#include "vmci/echo.h"
#include "vmci/notify.h"
#include "vmci/pair.h"
#include "vmci/rpci.h"
#include "vmci/sockets.h"

#define GUEST_CONTEXT	0x1234567
#define PAIRS_MAX	300

struct ring {
	uint8_t *data;
	uint64_t size, head, tail;
};

struct vmci_pair {
	uint32_t resource;	/* 0: the pair does not exist */
	bool attached, gone, broken;
	struct ring to_host, to_guest;
};

/* The only machine */
struct machine {
	struct fixture fixture;
	struct vmci_sockets *sockets;
	const struct vmci_client *client;	/* the client of the device: the sockets */
	void *client_opaque;
	struct vmci_pair pairs[PAIRS_MAX];
	uint32_t pairs_made;
	uint64_t timer_ns;
	unsigned int no_room;		/* number of the next datagrams that fail */
	/* The last packet to the guest, and the number of packets so far */
	struct vmci_packet packet;
	unsigned int packets;
};

extern struct machine machine;

struct sock {
	uint32_t source, port;
	struct vmci_pair *pair;
	bool connected;
	bool waits;		/* uses the old notify protocol, that of REQUEST */
	/* Notifications by the host. The guest clears wrote and read when it begins to sleep. */
	bool wrote, read, reset, attached;
	bool asleep_reading, asleep_writing;
	bool host_waits_to_read, host_waits_to_write;
	struct vmci_packet negotiated;
};

enum outcome { CONNECTED, REFUSED, SILENT };

/* @settings has texts "KEY=VALUE", and ends with NULL. */
void machine_start(const char *const *settings);
void machine_stop(void);
void machine_order(const char *fault);
/* Advances the clock, and runs the timers that expire meanwhile. */
void machine_wait_ms(unsigned int ms);

/* Sends the first @len bytes of a packet. */
void guest_packet(uint32_t source, uint32_t port, const struct vmci_packet *packet,
		  size_t len);
void guest_packet_type(const struct sock *sock, enum vmci_packet_type type);

/* Sends only the request. The answer is then in @sock or in machine.packet. */
void guest_request(struct sock *sock, uint32_t source, uint32_t port,
		   enum vmci_packet_type type, uint64_t size);
struct vmci_handle guest_make_pair(struct sock *sock, uint64_t size);
void guest_offer(struct sock *sock, struct vmci_handle handle);

enum outcome guest_connect(struct sock *sock, uint32_t source, uint32_t port,
			   uint64_t size);
/* The two steps of guest_close(): remove the socket, and detach its pair. */
void guest_forget(struct sock *sock);
void guest_detach(struct sock *sock);
void guest_close(struct sock *sock);
void guest_shutdown(struct sock *sock, uint64_t mode);

/* Send or receive as many bytes as possible without waiting, and return their number. */
size_t guest_send(struct sock *sock, const void *data, size_t len);
size_t guest_recv(struct sock *sock, void *data, size_t len);
/* Returns whether the host has detached, and the guest has read all bytes. */
bool guest_at_end(const struct sock *sock);

#endif
