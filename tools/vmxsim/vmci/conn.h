/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * A connection of VMCI stream sockets, for the files that share it: sockets.c makes
 * connections, stream.c moves their bytes, and a service interprets the bytes (rpci.c,
 * tclo.c, echo.c).
 *
 * The control packets, and the end that sends each of them, are those of the Linux
 * driver's net/vmw_vsock/vmci_transport.h.
 */
#ifndef VMXSIM_VMCI_CONN_H
#define VMXSIM_VMCI_CONN_H

#include "host/host.h"
#include "vmci/interface.h"

#define VMCI_PRIVILEGED_PORTS	1024	/* source ports below this are privileged */

struct tclo_app;
struct vmci_device;
struct vmci_pair;
struct vmci_sockets;

#define VMCI_CONNS_MAX		1024

/* The resources between which control packets travel */
#define VMCI_RID_GUEST		1
#define VMCI_RID_HYPERVISOR	15

enum vmci_packet_type {
	VMCI_PACKET_INVALID,
	VMCI_PACKET_REQUEST,
	VMCI_PACKET_NEGOTIATE,
	VMCI_PACKET_OFFER,
	VMCI_PACKET_ATTACH,
	VMCI_PACKET_WROTE,
	VMCI_PACKET_READ,
	VMCI_PACKET_RST,
	VMCI_PACKET_SHUTDOWN,
	VMCI_PACKET_WAITING_WRITE,
	VMCI_PACKET_WAITING_READ,
	VMCI_PACKET_REQUEST2,
	VMCI_PACKET_NEGOTIATE2,
	VMCI_PACKET_TYPES
};

/* A notify protocol in REQUEST2.  A REQUEST2 without this bit is refused. */
#define VMCI_PROTO_QSTATE	1u

#define VMCI_SHUTDOWN_READ	1u
#define VMCI_SHUTDOWN_WRITE	2u

/* A control packet, which follows the header of the datagram, in the layout of x86 */
struct vmci_packet {
	uint8_t version;
	uint8_t type;
	uint16_t proto;
	uint32_t source_port;
	uint32_t port;
	uint32_t reserved;
	union {
		uint64_t size;
		uint64_t mode;
		struct vmci_handle handle;
		struct {
			uint64_t generation;
			uint64_t offset;
		} wait;
	} u;
};
_Static_assert(sizeof(struct vmci_packet) == 32, "as on the wire");

enum vmci_conn_state {
	VMCI_CONN_FREE,
	VMCI_CONN_ASKED,	/* the guest may offer a queue pair */
	VMCI_CONN_OPEN,
};

/* What happens to a connection when all of its output has been sent */
enum vmci_ending {
	VMCI_ENDING_NONE,
	VMCI_ENDING_CLOSE,
	VMCI_ENDING_RESET,
	VMCI_ENDING_SILENCE,	/* the connection stays open and idle */
};

struct vmci_conn {
	enum vmci_conn_state state;
	const struct vmci_service *service;
	struct vmci_sockets *sockets;
	struct tclo_app *program;	/* the guest's program, if the port is 975 */
	uint32_t guest_port;
	uint64_t asked_ns;
	uint64_t queue_size;
	struct vmci_pair *pair;

	bool settling;			/* the hold ends with the first packet of the guest */
	bool guest_writes;		/* the guest has not shut down its sending side */
	bool doomed;			/* the connection is reset after the reply */
	enum vmci_ending ending;
	uint64_t linger_ns;		/* time from the end of the output to the ending */
	uint64_t dribble_ns;		/* time before each byte of the output */
	uint64_t hold_ns;		/* no byte moves before this time; 0: no hold */

	/*
	 * Which notify packets are due.  With the notify protocol of REQUEST
	 * (@waits) each side sends a packet when it begins to wait.  With QSTATE
	 * the state of a queue shows that the other side may wait.
	 */
	bool waits;
	bool owes_wrote, owes_read;
	bool sent_waiting_read, sent_waiting_write;
	uint64_t consume_laps, produce_laps;

	uint8_t *out;
	size_t out_len, out_sent;
	uint64_t out_zeros;		/* number of zeros to send after @out */

	uint8_t *in;			/* owned by the service */
	size_t in_len, in_size;

	bool steering;			/* packets count as steering: see counters.h */
	bool settled;			/* the first request of the connection has arrived */
	unsigned int packets;		/* number of the guest's packets in this exchange */
	unsigned int unsettled;		/* number of packets that may still count as steering */
};

enum vmci_answer {
	VMCI_ACCEPT,
	VMCI_REFUSE,
	VMCI_IGNORE,
};

struct vmci_service {
	uint32_t port;
	enum vmci_answer (*connect)(struct vmci_sockets *sockets);
	/*
	 * Called for a new connection; may be NULL.  Returns false if the service cannot serve
	 * the connection.
	 */
	bool (*opened)(struct vmci_sockets *sockets, struct vmci_conn *conn);
	void (*closed)(struct vmci_sockets *sockets, struct vmci_conn *conn);
	/* Returns the number of bytes that the service accepts now. */
	size_t (*wants)(struct vmci_conn *conn);
	void (*take)(struct vmci_sockets *sockets, struct vmci_conn *conn,
		     const uint8_t *data, size_t len);
};

struct vmci_sockets {
	struct host *host;
	const struct host_ops *ops;
	struct vmci_device *device;
	struct vmci_conn table[VMCI_CONNS_MAX];
	struct vmci_conn *serving;	/* connection whose request is being served, or NULL */
	uint64_t timer_ns;		/* time to which the device's timer is set */
	/* The time from which each privileged port of the guest may connect again */
	uint64_t reusable_ns[VMCI_PRIVILEGED_PORTS];
};

/* Return false if the device has no room for the packet. */
bool vmci_send(struct vmci_sockets *sockets, const struct vmci_conn *conn,
	       const struct vmci_packet *packet);
bool vmci_send_type(struct vmci_sockets *sockets, const struct vmci_conn *conn,
		    enum vmci_packet_type type);

/* Sends a packet from the hypervisor's @port to a port of the guest. */
bool vmci_send_to_port(struct vmci_sockets *sockets, uint32_t guest_port,
		       uint32_t port, const struct vmci_packet *packet);

struct vmci_counters *vmci_counters_of(const struct vmci_sockets *sockets);

/* Ends a connection at once.  The guest reads the rest of its queue, and then EOF. */
void vmci_conn_close(struct vmci_sockets *sockets, struct vmci_conn *conn);
void vmci_conn_reset(struct vmci_sockets *sockets, struct vmci_conn *conn,
		     const char *why);

/* Frees a connection without a packet to the guest. */
void vmci_conn_drop(struct vmci_sockets *sockets, struct vmci_conn *conn);

/* Replaces the output.  The connection becomes the owner of @data. */
void vmci_conn_put(struct vmci_conn *conn, uint8_t *data, size_t len,
		   uint64_t zeros);

/* Counts the packets so far as the guest's own, or as steering if the request steers. */
void vmci_conn_settle(struct vmci_sockets *sockets, struct vmci_conn *conn,
		      bool steers);

/* Traces an event between two ports; @why may be NULL. */
void vmci_trace_port(const char *what, uint32_t port, uint32_t source, const char *why);
void vmci_conn_trace(const struct vmci_conn *conn, const char *what);

bool vmci_conn_privileged(const struct vmci_conn *conn);

#endif
