// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest report: GuestRPC over VMCI sockets as a program sees it, packet by packet. It
 * opens one connection at a time. Several connections, and packets that a host may not
 * expect, are only used with --active.
 */
#include "report_probes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#define PORT		976
#define REPLY_MAX	70000

/* Returns a socket that is connected from PORT (or VMADDR_PORT_ANY), or a negative errno. */
static int connect_from(unsigned int port)
{
	struct sockaddr_vm local = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = port,
	};
	struct sockaddr_vm host = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HYPERVISOR,
		.svm_port = PORT,
	};
	const struct timeval limit = { .tv_sec = 2 };
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &limit,
		   sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (!bind(fd, (struct sockaddr *)&local, sizeof(local)) &&
	    !connect(fd, (struct sockaddr *)&host, sizeof(host)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* --- packets ----------------------------------------------------------------- */

struct packet {
	unsigned char bytes[512];
	size_t len;
};

static void put(struct packet *packet, uint32_t word)
{
	word = htonl(word);
	memcpy(packet->bytes + packet->len, &word, sizeof(word));
	packet->len += sizeof(word);
}

static void put_int64(struct packet *packet, uint32_t id, uint32_t value)
{
	put(packet, 1);
	put(packet, id);
	put(packet, value);
	put(packet, 0);
}

static void put_big_endian(struct packet *packet, uint32_t id)
{
	put(packet, 1);
	put(packet, id);
	put(packet, 0);
	put(packet, 1);
}

static void put_string(struct packet *packet, const char *text)
{
	put(packet, 2);
	put(packet, 2);
	put(packet, (uint32_t)strlen(text));
	memcpy(packet->bytes + packet->len, text, strlen(text));
	packet->len += strlen(text);
}

/*
 * Makes a packet with FIELDS in this order: 1 is the kind, 2 the text, 3 the fast close.
 * 4 stands for all three, with the high word of each number first.
 */
static struct packet make_packet(const char *fields, const char *text)
{
	struct packet packet = { .len = 4 };
	uint32_t len;

	for (; *fields; fields++) {
		if (*fields == '4') {
			put_big_endian(&packet, 1);
			put_string(&packet, text);
			put_big_endian(&packet, 3);
		} else if (*fields == '2') {
			put_string(&packet, text);
		} else {
			put_int64(&packet, (uint32_t)(*fields - '0'), 1);
		}
	}
	len = htonl((uint32_t)packet.len - 4);
	memcpy(packet.bytes, &len, sizeof(len));
	return packet;
}

/* Returns the length of a whole packet, 0 at the end of the stream, or a negative errno. */
static ssize_t receive(int fd, unsigned char *bytes, size_t size)
{
	size_t len = 0, whole = 4;
	uint32_t word;
	ssize_t some;

	while (len < whole) {
		some = recv(fd, bytes + len, whole - len, 0);
		if (some < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (!some)
			return len ? -EPROTO : 0;
		len += (size_t)some;
		if (len == 4) {
			memcpy(&word, bytes, sizeof(word));
			whole += ntohl(word);
			if (whole > size)
				return -EMSGSIZE;
		}
	}
	return (ssize_t)len;
}

static int send_packet(cJSON *probe, int fd, const struct packet *packet)
{
	static unsigned char reply[REPLY_MAX];
	ssize_t len;

	if (send(fd, packet->bytes, packet->len, MSG_NOSIGNAL) < 0)
		return -errno;
	len = receive(fd, reply, sizeof(reply));
	if (len < 0)
		return (int)len;
	report_bytes(probe, (const char *)reply, (size_t)len);
	return len ? 0 : -ECONNRESET;
}

static void add_exchange(struct report *report, const char *name, unsigned int port,
			 const char *fields, const char *text)
{
	const struct packet packet = make_packet(fields, text);
	cJSON *probe = report_probe(report, name);
	int64_t begin = report_now_us();
	int fd = connect_from(port);
	int err = fd < 0 ? fd : send_packet(probe, fd, &packet);

	report_outcome(probe, err, begin);
	report_text(probe, "stage", fd < 0 ? "connect" : "exchange");
	if (fd >= 0)
		close(fd);
}

int report_spare_connection(void)
{
	return connect_from(VMADDR_PORT_ANY);
}

void report_spare_exchange(struct report *report, const char *name, int fd)
{
	const struct packet packet = make_packet("123", "guestlib.stat.get text session");
	cJSON *probe = report_probe(report, name);
	int64_t begin = report_now_us();

	report_outcome(probe, fd < 0 ? fd : send_packet(probe, fd, &packet), begin);
	if (fd >= 0)
		close(fd);
}

/* --- several connections, and unusual packets ----------------------------------- */

/* Returns a privileged port that is free. */
static unsigned int free_port(void)
{
	unsigned int port;
	int fd;

	for (port = 1023; port > 900; port--) {
		fd = connect_from(port);
		if (fd >= 0) {
			close(fd);
			return port;
		}
	}
	return 0;
}

/* Tests whether the same port can connect repeatedly, after several times of waiting. */
static void add_reuse(struct report *report)
{
	static const unsigned int pauses_ms[] = { 0, 20, 50, 100 };
	cJSON *probe = report_probe(report, "sockets: port reuse");
	unsigned int port = free_port(), round, done;
	int64_t begin = report_now_us();
	char key[32], value[64];
	size_t i;
	int fd;

	report_outcome(probe, port ? 0 : -EADDRINUSE, begin);
	for (i = 0; port && i < sizeof(pauses_ms) / sizeof(pauses_ms[0]); i++) {
		fd = 0;
		for (round = done = 0; round < 20 && fd >= 0; round++) {
			usleep(pauses_ms[i] * 1000);
			fd = connect_from(port);
			if (fd >= 0) {
				done++;
				close(fd);
			}
		}
		snprintf(key, sizeof(key), "%u ms", pauses_ms[i]);
		snprintf(value, sizeof(value), "%u of 20%s%s", done, fd < 0 ? ", " : "",
			 fd < 0 ? report_error(fd) : "");
		report_text(probe, key, value);
		usleep(200000);
	}
}

void report_sockets(struct report *report)
{
	static const char request[] = "guestlib.stat.get text session";

	add_exchange(report, "sockets: one reply", VMADDR_PORT_ANY, "123", request);
	add_exchange(report, "sockets: unprivileged sender", VMADDR_PORT_ANY, "123",
		     "guestlib.info.get 3");
	if (!report->active)
		return;
	add_exchange(report, "sockets: no field 1", VMADDR_PORT_ANY, "23", request);
	add_exchange(report, "sockets: descending fields", VMADDR_PORT_ANY, "321", request);
	add_exchange(report, "sockets: no text", VMADDR_PORT_ANY, "123", "");
	add_exchange(report, "sockets: big-endian words", VMADDR_PORT_ANY, "4", request);
	add_reuse(report);
}
