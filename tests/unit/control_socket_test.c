// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The control socket: no answer is lost, at whatever time the program on the other side ends
 * its connection.
 *
 * Links: tools/vmxsim/qemu
 */
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/tclo.h"
#include "host_fixture.h"
#include "qemu/control.h"
#include "qemu/symbols.h"

#define HANDLERS	64
#define SERVED_AT_ONCE	16
#define HA		"{\"request\":\"ha\"}"
#define PING		"{\"request\":\"tclo\",\"text\":\"ping\"}\n"

static struct handler {
	void (*read)(void *opaque), (*write)(void *opaque);
	void *opaque;
} handlers[HANDLERS];

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static struct fixture fixture;

/* Replaces the function of QEMU's main loop. */
static void set_handler(int fd, void (*read)(void *opaque), void (*write)(void *opaque),
			void *opaque)
{
	handlers[fd] = (struct handler) { read, write, opaque };
}

/* Runs the handlers until no descriptor is ready. */
static void run_loop(void)
{
	int fd, rounds;

	for (rounds = 0; rounds < 100; rounds++) {
		for (fd = 0; fd < HANDLERS; fd++) {
			struct handler *handler = &handlers[fd];
			struct pollfd ready = {
				.fd = fd, .events = (handler->read ? POLLIN : 0) |
						    (handler->write ? POLLOUT : 0)
			};

			if (!ready.events || poll(&ready, 1, 0) <= 0)
				continue;
			if (handler->read && ready.revents & (POLLIN | POLLHUP | POLLERR))
				handler->read(handler->opaque);
			if (handler->write && ready.revents & (POLLOUT | POLLHUP | POLLERR))
				handler->write(handler->opaque);
		}
	}
}

static int connect_program(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	CHECK(!connect(fd, (struct sockaddr *)&address, sizeof(address)));
	run_loop();
	return fd;
}

static void say(int fd, const char *text)
{
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
}

/* Sends a text that may be longer than the buffer of the socket. */
static void say_and_run(int fd, const char *text)
{
	size_t left = strlen(text);
	ssize_t n;

	while (left) {
		n = send(fd, text, left, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
		run_loop();
	}
}

/* Returns the text that the program reads, or "end" when the connection has ended. */
static const char *heard(int fd)
{
	static char text[4096];
	ssize_t n;

	run_loop();
	n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	text[n > 0 ? n : 0] = '\0';
	return n ? text : "end";
}

static bool is_answer(const char *line)
{
	return !strncmp(line, "{\"ok\":true,\"ha\":{", 17) && strchr(line, '\n');
}

KTAP_TEST(requests_in_parts)
{
	int fd = connect_program();

	say(fd, "{\"request\":");
	CHECK_STR(heard(fd), "");
	say(fd, "\"ha\"}\n" HA "\n" HA);
	CHECK(is_answer(heard(fd)));
	say(fd, "\n");
	CHECK(is_answer(heard(fd)));
	close(fd);
	run_loop();
}

/* Like "printf ... | nc -N", the program ends its sending side, and waits for the answer. */
KTAP_TEST(program_that_ends_its_sending_side)
{
	int fd = connect_program();

	say(fd, HA "\n");
	shutdown(fd, SHUT_WR);
	CHECK(is_answer(heard(fd)));
	CHECK_STR(heard(fd), "end");
	close(fd);
	fd = connect_program();
	say(fd, HA);
	shutdown(fd, SHUT_WR);
	CHECK(is_answer(heard(fd)));
	CHECK_STR(heard(fd), "end");
	close(fd);
}

/* The guest answers after the program has ended its sending side. */
KTAP_TEST(program_that_ends_before_the_guest_answers)
{
	struct tclo *tclo = host_tclo(fixture.host);
	struct tclo_app *app = tclo_open(tclo, TRANSPORT_LB, NULL, NULL);
	const char *answers[] = { "OK ATR toolbox", "OK ", "OK ", "OK pong" };
	int fd = -1, gone[SERVED_AT_ONCE], i;
	const uint8_t *next;
	size_t len;

	for (i = 0; i < 4; i++) {
		if (i == 3) {
			fd = connect_program();
			say(fd, PING);
			shutdown(fd, SHUT_WR);
			CHECK_STR(heard(fd), "");
		}
		CHECK(tclo_next(app, &next, &len));
		tclo_answer(tclo, app, (const uint8_t *)answers[i], strlen(answers[i]));
	}
	CHECK_STR(heard(fd), "{\"ok\":true,\"answer\":\"OK pong\"}\n");
	CHECK_STR(heard(fd), "end");
	close(fd);

	/* Programs that were killed while they waited do not use up SERVED_AT_ONCE. */
	for (i = 0; i < SERVED_AT_ONCE; i++) {
		gone[i] = connect_program();
		say(gone[i], PING);
		shutdown(gone[i], SHUT_WR);
		run_loop();
	}
	for (i = 0; i < SERVED_AT_ONCE; i++)
		close(gone[i]);
	fd = connect_program();
	say(fd, HA "\n");
	CHECK(is_answer(heard(fd)));
	close(fd);
	run_loop();
	tclo_close(tclo, app);
}

/*
 * At most 16 MiB of answers are kept for a program. FITTING is the number of answers with a
 * value of VALUE_LEN bytes that fit into 16 MiB.
 */
#define VALUE_LEN	65000
#define FITTING		(16 * 1048576 / (VALUE_LEN + 64))
#define SET		"{\"request\":\"guestinfo.set\",\"name\":\"guestinfo.a\",\"value\":\"%s\"}\n"
#define GET		"{\"request\":\"guestinfo.get\",\"name\":\"guestinfo.a\"}\n"

/* Connects a program that requests the value @count times and reads no answer. */
static int greedy_program(int count)
{
	static char value[VALUE_LEN + 1], line[VALUE_LEN + sizeof(SET)];
	int fd = connect_program();

	memset(value, 'v', VALUE_LEN);
	snprintf(line, sizeof(line), SET, value);
	say(fd, line);
	CHECK_STR(heard(fd), "{\"ok\":true}\n");
	while (count--)
		say(fd, GET);
	return fd;
}

/* A disconnected program gets only the bytes that are already in the socket. */
static bool is_disconnected(int fd)
{
	static char bytes[1048576];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		;
	close(fd);
	return !n;
}

KTAP_TEST(answers_that_are_not_read)
{
	static char id[700001], line[sizeof(id) + 64];
	int fd = greedy_program(FITTING + 10);

	run_loop();
	CHECK(is_disconnected(fd));

	/* The last request ends without a newline and has the longest answer. */
	memset(id, 'i', sizeof(id) - 1);
	snprintf(line, sizeof(line), "{\"request\":\"ha\",\"id\":\"%s\"}", id);
	fd = greedy_program(FITTING - 2);
	run_loop();
	say_and_run(fd, line);
	shutdown(fd, SHUT_WR);
	run_loop();
	CHECK(is_disconnected(fd));
	run_loop();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(requests_in_parts),
	KTAP_ENTRY(program_that_ends_its_sending_side),
	KTAP_ENTRY(program_that_ends_before_the_guest_answers),
	KTAP_ENTRY(answers_that_are_not_read),
};

int main(void)
{
	const char *tmp = getenv("TMPDIR");
	int status;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/control-test-%d",
		 tmp && strlen(tmp) < 80 ? tmp : "/tmp", (int)getpid());
	FIXTURE(&fixture);
	qemu.qemu_set_fd_handler = set_handler;
	if (!qemu_control_listen(address.sun_path, fixture.host, &fixture.ops)) {
		printf("Bail out! no socket\n");
		return 1;
	}
	qemu_control_start();
	status = KTAP_MAIN(tests);
	fixture_stop(&fixture);
	return status;
}
