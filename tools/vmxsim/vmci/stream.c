// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The bytes of a connection, and the packets that notify the guest of them.
 *
 * The guest runs at the same time: another processor may fill or drain a queue at any
 * moment.  No change is missed, because each side moves its own index, executes a
 * barrier, and then reads the other side's index, until there is nothing left to do.
 */
#include "vmci/stream.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "vmci/notify.h"
#include "vmci/pair.h"

#define CHUNK		16384
/* Limit of steps in a row, because a guest that always changes a queue would block QEMU */
#define STEPS_MAX	256
#define PAUSE_NS	10000ull
#define RETRY_NS	1000000ull

static int64_t unread_by_guest(struct vmci_conn *conn)
{
	int64_t free_space = vmci_pair_writable(conn->pair);

	return free_space < 0 ? -1 :
	       vmci_pair_produce_size(conn->pair) - 1 - free_space;
}

static int64_t room_for_guest(struct vmci_conn *conn)
{
	int64_t ready = vmci_pair_readable(conn->pair);

	return ready < 0 ? -1 :
	       vmci_pair_consume_size(conn->pair) - 1 - ready;
}

/*
 * Notes that a WROTE is due if the queue was empty before, because the guest may wait for
 * bytes then.  With the protocol of REQUEST, a guest that waits sends WAITING_READ.  The WROTE
 * is due nevertheless, because Linux may handle an earlier WROTE late, and then does not send
 * WAITING_READ again.
 */
static int64_t pair_write(struct vmci_conn *conn, const uint8_t *data,
			  size_t len)
{
	uint64_t tail = vmci_pair_produce_tail(conn->pair);
	int64_t done = vmci_pair_write(conn->pair, data, len);

	if (done <= 0)
		return done;
	atomic_thread_fence(memory_order_seq_cst);
	if (tail + (uint64_t)done >=
	    (uint64_t)vmci_pair_produce_size(conn->pair))
		conn->produce_laps++;
	if (unread_by_guest(conn) == done)
		conn->owes_wrote = true;
	return done;
}

static int64_t pair_read(struct vmci_conn *conn, uint8_t *data, size_t len)
{
	uint64_t head = vmci_pair_consume_head(conn->pair);
	int64_t done = vmci_pair_read(conn->pair, data, len);

	if (done <= 0)
		return done;
	atomic_thread_fence(memory_order_seq_cst);
	if (head + (uint64_t)done >=
	    (uint64_t)vmci_pair_consume_size(conn->pair))
		conn->consume_laps++;
	if (room_for_guest(conn) == done)
		conn->owes_read = true;
	return done;
}

static void hold(struct vmci_sockets *sockets, struct vmci_conn *conn,
		 uint64_t ns)
{
	uint64_t until = vmci_now_ns(sockets->device) + ns;

	if (conn->hold_ns < until)
		conn->hold_ns = until;
	/* The handlers of sockets.c set the timer, but other callers do not. */
	if (until < sockets->timer_ns) {
		sockets->timer_ns = until;
		vmci_timer_at(sockets->device, until);
	}
}

/*
 * A guest that waits for a packet has no timeout, so a packet for which the device has no
 * room is sent later.
 */
static void notify(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	if (conn->owes_wrote &&
	    vmci_send_type(sockets, conn, VMCI_PACKET_WROTE))
		conn->owes_wrote = false;
	if (conn->owes_read && vmci_send_type(sockets, conn, VMCI_PACKET_READ))
		conn->owes_read = false;
	if (conn->owes_wrote || conn->owes_read)
		hold(sockets, conn, RETRY_NS);
}

/* Requests WROTE.  The guest may ignore the position of the awaited byte. */
static void wait_to_read(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	struct vmci_packet packet = { .type = VMCI_PACKET_WAITING_READ };
	uint64_t size = (uint64_t)vmci_pair_consume_size(conn->pair);
	uint64_t next = vmci_pair_consume_head(conn->pair) + 1;

	if (!conn->waits || conn->sent_waiting_read)
		return;
	packet.u.wait.offset = next >= size ? next - size : next;
	packet.u.wait.generation = conn->consume_laps + (next >= size);
	conn->sent_waiting_read = vmci_send(sockets, conn, &packet);
	if (!conn->sent_waiting_read)
		hold(sockets, conn, RETRY_NS);
}

/* Requests READ.  One byte of a queue always stays free, so room for a byte needs 2. */
static void wait_to_write(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	struct vmci_packet packet = { .type = VMCI_PACKET_WAITING_WRITE };
	uint64_t size = (uint64_t)vmci_pair_produce_size(conn->pair);
	uint64_t next = vmci_pair_produce_tail(conn->pair) + 2;

	if (!conn->waits || conn->sent_waiting_write)
		return;
	packet.u.wait.offset = next >= size ? next - size : next;
	packet.u.wait.generation = conn->produce_laps - (next < size);
	conn->sent_waiting_write = vmci_send(sockets, conn, &packet);
	if (!conn->sent_waiting_write)
		hold(sockets, conn, RETRY_NS);
}

/* Each step returns whether another step may follow. */
static bool write_step(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	static const uint8_t zeros[CHUNK];
	const bool of_out = conn->out_sent < conn->out_len;
	size_t len = sizeof(zeros);
	int64_t done;

	if (of_out)
		len = conn->dribble_ns ? 1 : conn->out_len - conn->out_sent;
	else if (conn->out_zeros < len)
		len = (size_t)conn->out_zeros;
	done = pair_write(conn, of_out ? conn->out + conn->out_sent : zeros,
			  len);
	if (done < 0) {
		vmci_conn_reset(sockets, conn, "the queue is broken");
		return false;
	}
	if (!done)
		wait_to_write(sockets, conn);
	if (of_out)
		conn->out_sent += (size_t)done;
	else
		conn->out_zeros -= (uint64_t)done;
	if (conn->dribble_ns)
		hold(sockets, conn, conn->dribble_ns);
	return done;
}

static bool end_step(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	notify(sockets, conn);
	if (conn->hold_ns)
		return false;
	if (conn->linger_ns) {
		hold(sockets, conn, conn->linger_ns);
		conn->linger_ns = 0;
	} else if (conn->ending == VMCI_ENDING_CLOSE) {
		vmci_conn_close(sockets, conn);
	} else if (conn->ending == VMCI_ENDING_RESET) {
		vmci_conn_reset(sockets, conn, "ordered");
	}
	return false;
}

static bool read_step(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	uint8_t data[CHUNK];
	size_t len = conn->service->wants(conn);
	int64_t done;

	done = pair_read(conn, data, len < CHUNK ? len : CHUNK);
	if (done < 0) {
		vmci_conn_reset(sockets, conn, "the queue is broken");
		return false;
	}
	if (done) {
		conn->service->take(sockets, conn, data, (size_t)done);
		return true;
	}
	if (!conn->guest_writes)
		vmci_conn_close(sockets, conn);
	else
		wait_to_read(sockets, conn);
	return false;
}

static bool step(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	if (conn->state != VMCI_CONN_OPEN || conn->hold_ns)
		return false;
	if (conn->out_sent < conn->out_len || conn->out_zeros)
		return write_step(sockets, conn);
	if (conn->ending)
		return end_step(sockets, conn);
	return read_step(sockets, conn);
}

void vmci_conn_pump(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	unsigned int steps = 0;

	while (steps < STEPS_MAX && step(sockets, conn))
		steps++;
	if (conn->state != VMCI_CONN_OPEN)
		return;
	if (steps == STEPS_MAX)
		hold(sockets, conn, PAUSE_NS);
	notify(sockets, conn);
}

void vmci_conn_notified(struct vmci_conn *conn, enum vmci_packet_type type)
{
	switch (type) {
	case VMCI_PACKET_WROTE:
		conn->sent_waiting_read = false;
		break;
	case VMCI_PACKET_READ:
		conn->sent_waiting_write = false;
		break;
	case VMCI_PACKET_WAITING_READ:
		conn->owes_wrote |= unread_by_guest(conn) > 0;
		break;
	case VMCI_PACKET_WAITING_WRITE:
		conn->owes_read |= room_for_guest(conn) > 0;
		break;
	default:
		break;
	}
}
