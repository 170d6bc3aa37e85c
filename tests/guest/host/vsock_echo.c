// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The echo port of the virtual host, over Linux's AF_VSOCK: the port returns all bytes,
 * regardless of the sizes of the writes.  Ports without a service refuse connections.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <linux/vm_sockets.h>
#include <unistd.h>

#include "guest.h"
#include "ktap.h"

#define PORT_NONE	974
#define PORT_RPCI	976
#define PORT_ECHO	7
#define MANY		100
#define PIECE_MAX	100000

static const struct timeval timeout = { .tv_sec = 20 };

static void set_queue(int fd, uint64_t size)
{
	CHECK(!setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_BUFFER_MIN_SIZE, &size,
			  sizeof(size)));
	CHECK(!setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_BUFFER_MAX_SIZE, &size,
			  sizeof(size)));
	CHECK(!setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, &size,
			  sizeof(size)));
}

/*
 * Connects to @port from port @source, with a buffer of @queue bytes.  If @source or @queue is
 * 0, the kernel chooses the value.  Returns the socket, or a negative error number.
 */
static int dial(unsigned int port, unsigned int source, uint64_t queue)
{
	struct sockaddr_vm addr = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY,
		.svm_port = source,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (queue)
		set_queue(fd, queue);
	if (source && bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		goto fail;
	addr.svm_cid = VMADDR_CID_HYPERVISOR;
	addr.svm_port = port;
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
fail:
	error = errno;
	close(fd);
	return -error;
}

/* Returns the byte at @offset, which is the same in every stream. */
static uint8_t byte_at(size_t offset)
{
	return (uint8_t)(offset * 7 + offset / 251 + offset / 65537);
}

struct stream {
	int fd;
	size_t total;
	size_t piece_max;
	unsigned int seed;
};

static void *send_all(void *arg)
{
	static __thread uint8_t data[PIECE_MAX];
	const struct stream *stream = arg;
	unsigned int seed = stream->seed;
	size_t sent = 0, len, i;
	ssize_t n;

	while (sent < stream->total) {
		len = 1 + (size_t)rand_r(&seed) % stream->piece_max;
		if (len > stream->total - sent)
			len = stream->total - sent;
		for (i = 0; i < len; i++)
			data[i] = byte_at(sent + i);
		n = send(stream->fd, data, len, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	shutdown(stream->fd, SHUT_WR);
	return (void *)sent;
}

/* Receives a stream.  Returns the number of bytes before the first wrong one, or before the end. */
static size_t receive_all(const struct stream *stream)
{
	static uint8_t data[PIECE_MAX];
	unsigned int seed = stream->seed + 1;
	size_t got = 0, i;
	ssize_t n;

	for (;;) {
		n = recv(stream->fd, data,
			 1 + (size_t)rand_r(&seed) % stream->piece_max, 0);
		if (!CHECK(n >= 0))
			printf("# after %zu bytes: %s\n", got, strerror(errno));
		if (n <= 0)
			return got;
		for (i = 0; i < (size_t)n; i++)
			if (data[i] != byte_at(got + i))
				return got + i;
		got += (size_t)n;
	}
}

static void push(uint64_t queue, size_t total, size_t piece_max)
{
	struct stream stream = {
		.fd = dial(PORT_ECHO, 0, queue), .total = total,
		.piece_max = piece_max, .seed = (unsigned int)total,
	};
	pthread_t thread;
	void *sent;

	if (!CHECK(stream.fd >= 0)) {
		printf("# connect: %s\n", strerror(-stream.fd));
		return;
	}
	pthread_create(&thread, NULL, send_all, &stream);
	CHECK_EQ(receive_all(&stream), total);
	pthread_join(thread, &sent);
	CHECK_EQ((size_t)sent, total);
	close(stream.fd);
}

KTAP_TEST(megabytes)
{
	push(0, 8u << 20, PIECE_MAX);
	push(0, 1u << 20, 3000);
	push(65536, 4u << 20, PIECE_MAX);
}

KTAP_TEST(tiny_queues)
{
	push(128, 20000, 1000);
	push(129, 20000, 50);
	push(4096, 200000, 10000);
	push(4097, 200000, 5);
}

KTAP_TEST(refused_ports)
{
	CHECK_EQ(dial(PORT_NONE, 0, 0), -ECONNRESET);
	CHECK_EQ(dial(1, 0, 0), -ECONNRESET);
	CHECK_EQ(dial(0x7fffffff, 0, 0), -ECONNRESET);
	CHECK_EQ(dial(PORT_NONE, 1023, 0), -ECONNRESET);
}

KTAP_TEST(many_connections)
{
	int fds[MANY], i, again;
	char reply[8];

	for (i = 0; i < MANY; i++) {
		fds[i] = dial(PORT_ECHO, 0, 4096);
		CHECK(fds[i] >= 0);
	}
	for (again = 0; again < 3; again++) {
		for (i = 0; i < MANY; i++)
			CHECK_EQ(send(fds[i], &i, sizeof(i), MSG_NOSIGNAL),
				 sizeof(i));
		for (i = MANY; i--; ) {
			CHECK_EQ(recv(fds[i], reply, sizeof(reply), 0),
				 sizeof(i));
			CHECK(!memcmp(reply, &i, sizeof(i)));
		}
	}
	for (i = 0; i < MANY; i++)
		close(fds[i]);
}

/* Retries the connection, because the kernel frees the queue pair of a closed socket late. */
static int dial_again(void)
{
	int fd, i;

	for (i = 0; i < 1500; i++) {
		fd = dial(PORT_ECHO, 0, 4096);
		if (fd != -ECONNRESET)
			break;
		usleep(20000);
	}
	return fd;
}

KTAP_TEST(no_more_connections_than_the_host_serves)
{
	int fds[3];

	CHECK(steer("set vmxsim.sockets 2"));
	fds[0] = dial_again();
	fds[1] = dial_again();
	CHECK(fds[0] >= 0 && fds[1] >= 0);
	CHECK_EQ(dial(PORT_ECHO, 0, 4096), -ECONNRESET);
	close(fds[0]);
	fds[2] = dial_again();
	CHECK(fds[2] >= 0);
	close(fds[1]);
	close(fds[2]);
	CHECK(steer("set vmxsim.sockets"));
}

/* Makes one request from port @source. Returns whether the answer has arrived. */
static bool ask_once(unsigned int source)
{
	static const char request[] =
		"\0\0\0\x24" "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\0"
		"\0\0\0\2\0\0\0\2\0\0\0\x8" "nonsense";
	static const char answer[] = "0 Unknown command";
	/* Before the answer, the packet has its length and the header of the only field. */
	char reply[16 + sizeof(answer) - 1];
	ssize_t n;
	int fd = dial(PORT_RPCI, source, 4096);

	if (fd < 0) {
		printf("# %s\n", strerrorname_np(-fd));
		return false;
	}
	send(fd, request, 40, MSG_NOSIGNAL);
	n = recv(fd, reply, sizeof(reply), MSG_WAITALL);
	if (n == sizeof(reply))
		CHECK(!memcmp(reply + 16, answer, sizeof(answer) - 1));
	close(fd);
	return n == sizeof(reply);
}

/* Returns the number of connections that the host has refused, or -1. */
static long refused_by_host(void)
{
	char counters[8192] = "", *at = NULL;
	FILE *file = popen("vmware-rpctool vmxsim.counters", "r");

	if (file && fread(counters, 1, sizeof(counters) - 1, file) > 0)
		at = strstr(counters, "\"sockets\":");
	if (file)
		pclose(file);
	at = at ? strstr(at, "\"refused\":") : NULL;
	return at ? strtol(at + strlen("\"refused\":"), NULL, 10) : -1;
}

/*
 * Many clients use the same privileged port, one after the other.  Linux may pass a packet
 * for an earlier socket to the next socket of this port, and break the next socket.  This
 * happens on two processors, and since Linux 6.3, in which a thread handles packets, also on
 * one.  A client whose socket was broken tries again.  The host must not refuse a connection.
 */
KTAP_TEST(one_port_over_and_over)
{
	const long refused = refused_by_host();
	int i, tries;

	for (i = 0; i < 300; i++) {
		for (tries = 0; tries < 20 && !ask_once(1023); tries++)
			usleep(20000);
		CHECK(tries < 20);
	}
	CHECK(refused >= 0);
	CHECK_EQ(refused_by_host(), refused);
}

/* Writes until the socket stays full. Returns the number of bytes. */
static size_t stuff(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLOUT };
	uint8_t data[777];
	size_t sent = 0, i;
	ssize_t n;

	do {
		for (i = 0; i < sizeof(data); i++)
			data[i] = byte_at(sent + i);
		n = send(fd, data, sizeof(data), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			sent += (size_t)n;
	} while (n > 0 || poll(&poller, 1, 500) == 1);
	return sent;
}

KTAP_TEST(a_reader_that_stops)
{
	struct stream stream = {
		.fd = dial(PORT_ECHO, 0, 4096), .piece_max = 100,
	};

	if (!CHECK(stream.fd >= 0))
		return;
	stream.total = stuff(stream.fd);
	CHECK(stream.total >= 2 * 4095);
	shutdown(stream.fd, SHUT_WR);
	CHECK_EQ(receive_all(&stream), stream.total);
	close(stream.fd);
}

KTAP_TEST(reset_by_the_host)
{
	char reply[8];
	int fd = dial(PORT_ECHO, 0, 0);
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	if (!CHECK(fd >= 0))
		return;
	CHECK_EQ(poll(&poller, 1, 0), 0);
	CHECK(steer("fault dropsockets"));
	CHECK_EQ(poll(&poller, 1, 5000), 1);
	CHECK_EQ(recv(fd, reply, sizeof(reply), 0), 0);
	CHECK(send(fd, "x", 1, MSG_NOSIGNAL) < 0);
	close(fd);

	fd = dial(PORT_ECHO, 0, 0);
	CHECK(fd >= 0);
	CHECK(steer("vmotion"));
	CHECK_EQ(recv(fd, reply, sizeof(reply), 0), 0);
	close(fd);
}

KTAP_TEST(connecting_to_a_host_that_does_not_answer)
{
	int fd;

	CHECK(steer("fault connsilent 1"));
	CHECK_EQ(dial(PORT_RPCI, 0, 0), -ETIMEDOUT);
	CHECK(steer("fault connreset 1"));
	CHECK_EQ(dial(PORT_RPCI, 0, 0), -ECONNRESET);
	fd = dial(PORT_RPCI, 0, 0);
	CHECK(fd >= 0);
	close(fd);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(megabytes),
	KTAP_ENTRY(tiny_queues),
	KTAP_ENTRY(refused_ports),
	KTAP_ENTRY(many_connections),
	KTAP_ENTRY(no_more_connections_than_the_host_serves),
	KTAP_ENTRY(one_port_over_and_over),
	KTAP_ENTRY(a_reader_that_stops),
	KTAP_ENTRY(reset_by_the_host),
	KTAP_ENTRY(connecting_to_a_host_that_does_not_answer),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
