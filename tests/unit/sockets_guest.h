/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * For tests of the virtual host's sockets: a device without a machine, and a guest
 * whose driver sleeps until it is notified, as Linux's does.
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
	uint32_t resource;	/* 0: there is none */
	bool attached, gone, broken;
	struct ring to_host, to_guest;
};

/* One machine at a time. */
struct machine {
	struct fixture fixture;
	struct vmci_sockets *sockets;
	const struct vmci_client *client;	/* of the device: the sockets */
	void *client_opaque;
	struct vmci_pair pairs[PAIRS_MAX];
	uint32_t pairs_made;
	uint64_t timer_ns;
	unsigned int no_room;		/* datagrams that shall fail */
	/* The last packet to the guest, and the number of packets so far */
	struct vmci_packet packet;
	unsigned int packets;
};

extern struct machine machine;

struct sock {
	uint32_t source, port;
	struct vmci_pair *pair;
	bool connected;
	bool waits;		/* notify protocol of REQUEST */
	/* Notifications by the host since the last call */
	bool wrote, read, reset, attached;
	bool asleep_reading, asleep_writing;
	bool host_waits_to_read, host_waits_to_write;
	struct vmci_packet negotiated;
};

enum outcome { CONNECTED, REFUSED, SILENT };

/* @settings: KEY=VALUE ended by NULL. */
void machine_start(const char *const *settings);
void machine_stop(void);
void machine_order(const char *fault);
/* Lets time pass and timers fire. */
void machine_wait_ms(unsigned int ms);

/* Sends a packet as it is; @len may cut it. */
void guest_packet(uint32_t source, uint32_t port, const struct vmci_packet *packet,
		  size_t len);
void guest_packet_type(const struct sock *sock, enum vmci_packet_type type);

/* Sends only the request; the answer is in @sock or in machine.packet. */
void guest_request(struct sock *sock, uint32_t source, uint32_t port,
		   enum vmci_packet_type type, uint64_t size);
struct vmci_handle guest_make_pair(struct sock *sock, uint64_t size);
void guest_offer(struct sock *sock, struct vmci_handle handle);

enum outcome guest_connect(struct sock *sock, uint32_t source, uint32_t port,
			   uint64_t size);
/* Like close(): guest_forget() forgets the socket, guest_detach() detaches its pair. */
void guest_forget(struct sock *sock);
void guest_detach(struct sock *sock);
void guest_close(struct sock *sock);
void guest_shutdown(struct sock *sock, uint64_t mode);

/* Both move as many bytes as possible without blocking and return their number. */
size_t guest_send(struct sock *sock, const void *data, size_t len);
size_t guest_recv(struct sock *sock, void *data, size_t len);
/* Returns whether the host has detached and all bytes were read. */
bool guest_at_end(const struct sock *sock);

#endif
