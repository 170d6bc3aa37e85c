// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * VMCI sockets fail in many ways, during a request and while the module connects. The caller
 * has to get the right answer or a documented error within the documented time. Later requests
 * have to use VMCI sockets again.
 *
 * The tests use a virtual clock, on which they can check times even if the machine is busy. The
 * statistics of the host are frozen, so that the tests know the right values.
 */
#include <fcntl.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "ktap.h"
#include "snapshot.h"

/* Longest time that a reader waits for an answer, in ms */
#define ANSWER_MS	2000

/* The statistics of the frozen host */
static struct snapshot right;
static int fd;

/* Changes of the module's counters since the last call of moves() */
struct moves {
	unsigned long long failovers, reopened, hypercalls;
};

static struct moves moves(void)
{
	static struct moves last;
	struct moves now = {
		.failovers = sysfs_number("rpc/failovers"),
		.reopened = sysfs_number("rpc/reopened"),
		.hypercalls = sysfs_number("rpc/hypercalls"),
	}, since = {
		.failovers = now.failovers - last.failovers,
		.reopened = now.reopened - last.reopened,
		.hypercalls = now.hypercalls - last.hypercalls,
	};

	last = now;
	return since;
}

static bool transport_is(const char *name)
{
	char transport[32] = "";
	FILE *file = fopen(SYSFS "transport", "r");

	if (!file || !fgets(transport, sizeof(transport), file))
		perror(SYSFS "transport");
	if (file)
		fclose(file);
	transport[strcspn(transport, "\n")] = '\0';
	if (!strcmp(transport, name))
		return true;
	printf("# transport is %s, not %s\n", transport, name);
	return false;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

/*
 * Makes a request. Returns 0 or the error number. Wrong values and an answer that is too late
 * are failures of the test.
 */
static int ask(void)
{
	struct snapshot snapshot;
	long long began = now_ms(), took;
	int error;

	error = snapshot_take(fd, &snapshot);
	took = now_ms() - began;
	if (took > ANSWER_MS)
		printf("# it took %lld ms\n", took);
	CHECK(took <= ANSWER_MS);
	CHECK(error || snapshot_same(&snapshot, &right));
	return error;
}

/*
 * Makes requests until one of them uses VMCI sockets again. Returns false if none does. The
 * module tries to connect again after a delay of at most 300 s.
 */
static bool back_on_vsock(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		sleep(301);
		ask();
		sleep(1);
		if (ask() == 0 && transport_is("vsock"))
			return true;
	}
	return false;
}

static bool fault(const char *order)
{
	char request[80];

	snprintf(request, sizeof(request), "fault %s", order);
	return steer(request);
}

KTAP_TEST(vsock_is_preferred)
{
	CHECK_EQ(ask(), 0);
	CHECK(transport_is("vsock"));
	moves();
	CHECK_EQ(ask(), 0);
	CHECK_EQ(moves().hypercalls, 0);
}

enum outcome { SAME, RECONNECTED, FAILED_OVER };

struct failure {
	const char *order;
	enum outcome outcome;
	int error;		/* error number of the request, or 0 */
};

static void check_failure(const struct failure *failure)
{
	struct moves since;

	printf("# %s\n", failure->order);
	if (!CHECK(ask() == 0 && transport_is("vsock")) || !CHECK(fault(failure->order)))
		return;
	moves();
	CHECK_EQ(ask(), failure->error);
	since = moves();
	CHECK_EQ(since.failovers, failure->outcome == FAILED_OVER);
	CHECK_EQ(since.reopened, failure->outcome == RECONNECTED);
	CHECK(transport_is(failure->outcome == FAILED_OVER ? "backdoor" : "vsock"));
	CHECK(fault("clear"));
	CHECK_EQ(ask(), 0);
	if (failure->outcome == FAILED_OVER)
		CHECK(back_on_vsock());
}

/*
 * After a fault of a packet, or if the answer is too late, the backdoor serves the request. If
 * the host has closed the connection, a new connection serves the request. An additional field
 * (extrafield) and the lack of a field that the module does not need (nokind) are no faults.
 */
KTAP_TEST(every_fault_of_a_packet)
{
	static const struct failure failures[] = {
		{ "length 4", FAILED_OVER, 0 },
		{ "length 0", FAILED_OVER, 0 },
		{ "length 70000", FAILED_OVER, 0 },
		{ "length 1000", FAILED_OVER, 0 },
		{ "length 2147483647", FAILED_OVER, 0 },
		{ "length 2147483648", FAILED_OVER, 0 },
		{ "length 4294967295", FAILED_OVER, 0 },
		{ "duplicate", FAILED_OVER, 0 },
		{ "badtype", FAILED_OVER, 0 },
		{ "nopayload", FAILED_OVER, 0 },
		{ "truncate 0", FAILED_OVER, 0 },
		{ "half", FAILED_OVER, 0 },
		{ "dribble 100", FAILED_OVER, 0 },
		{ "noreply", FAILED_OVER, 0 },
		{ "delay 1500", FAILED_OVER, 0 },
		{ "halfreset", RECONNECTED, 0 },
		{ "eof", RECONNECTED, 0 },
		{ "extrafield", SAME, 0 },
		{ "nokind", SAME, 0 },
		{ "delay 500", SAME, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		check_failure(&failures[i]);
}

/*
 * If the packet is well-formed, but the reply in the packet is not, there is no failover. The
 * error is the same as over the backdoor.
 */
KTAP_TEST(faults_of_a_reply)
{
	static const struct failure failures[] = {
		{ "truncate 1", SAME, EPROTO },
		{ "truncate 100", SAME, EPROTO },
		{ "random 7", SAME, EPROTO },
		{ "reorder", SAME, EPROTO },
	};
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		check_failure(&failures[i]);
}

static bool session_is_given(void)
{
	char reply[4096] = "";
	struct vmguestlib_stat_get get = session_request(reply, sizeof(reply) - 1);

	return !ioctl(fd, VMGUESTLIB_IOC_STAT_GET, &get) &&
	       get.out_reply == VMGUESTLIB_REPLY_OK &&
	       !strncmp(reply, "session = ", strlen("session = "));
}

/* The host sends an answer twice. The module must not use the second copy as the next answer. */
KTAP_TEST(unrequested_answer)
{
	CHECK_EQ(ask(), 0);
	CHECK(transport_is("vsock"));
	CHECK(fault("repeat"));
	moves();
	CHECK_EQ(ask(), 0);
	CHECK(session_is_given());
	CHECK_EQ(moves().reopened, 1);
	CHECK_EQ(ask(), 0);
	CHECK(transport_is("vsock"));
}

KTAP_TEST(dropped_connections)
{
	moves();
	CHECK(fault("dropsockets"));
	CHECK_EQ(ask(), 0);
	CHECK_EQ(moves().reopened, 1);
	CHECK(transport_is("vsock"));
}

/*
 * The connection is lost, and no other connection can be made because of the fault @order. The
 * backdoor serves the request.
 */
static void check_dropped_and(const char *order)
{
	CHECK(fault(order));
	CHECK(fault("dropsockets"));
	moves();
	CHECK_EQ(ask(), 0);
	CHECK_EQ(moves().failovers, 1);
	CHECK(fault("clear"));
	CHECK(back_on_vsock());
}

KTAP_TEST(dropped_and_refused)
{
	check_dropped_and("connreset 1");
}

KTAP_TEST(dropped_and_silent)
{
	check_dropped_and("connsilent 1");
}

/* Returns the number of attempts to connect, as the host counts them. */
static unsigned long long connections(void)
{
	unsigned long long made = 0, refused = 0;
	char line[4096] = "", *at;
	FILE *pipe = popen("vmware-rpctool vmxsim.counters", "r");

	if (pipe && fgets(line, sizeof(line), pipe)) {
		at = strstr(line, "\"sockets\":");
		if (!at || sscanf(at, "\"sockets\":{\"connections\":%llu,"
				  "\"refused\":%llu", &made, &refused) != 2)
			printf("# %s\n", line);
	}
	if (pipe)
		pclose(pipe);
	return made + refused;
}

/*
 * A program makes a request every second for 20 minutes, while the host resets every connection.
 * The module tries to connect again after 4, 8 ... 300 s. No request needs more hypercalls than
 * with transport=backdoor.
 */
KTAP_TEST(dead_transport_is_left_alone)
{
	unsigned long long before, most = 0, usual;
	int second;

	CHECK(choose_transport("backdoor"));
	CHECK_EQ(ask(), 0);
	moves();
	CHECK_EQ(ask(), 0);
	usual = moves().hypercalls;
	CHECK(choose_transport("auto"));
	CHECK_EQ(ask(), 0);
	CHECK(transport_is("vsock"));

	CHECK(steer("set guest_rpc.rpci.usevsocket FALSE"));
	CHECK(fault("dropsockets"));
	before = connections();
	CHECK_EQ(ask(), 0);
	moves();
	for (second = 0; second < 1200; second++) {
		unsigned long long cost;

		sleep(1);
		CHECK_EQ(ask(), 0);
		cost = moves().hypercalls;
		if (cost > most)
			most = cost;
	}
	CHECK_EQ(most, usual);
	/* The module tried to connect at 0, 4, 12, 28, 60, 124, 252, 508, 808 and 1108 s. */
	CHECK_EQ(connections() - before, 10);
	CHECK(steer("set guest_rpc.rpci.usevsocket"));
	CHECK(back_on_vsock());
}

/* With transport=vsock there is no failover. A request fails with a documented error instead. */
KTAP_TEST(only_vsock)
{
	CHECK(choose_transport("vsock"));
	CHECK_EQ(ask(), 0);
	moves();
	CHECK(fault("noreply"));
	CHECK_EQ(ask(), ETIMEDOUT);
	CHECK(fault("half"));
	CHECK_EQ(ask(), ETIMEDOUT);
	CHECK(fault("dribble 100"));
	CHECK_EQ(ask(), ETIMEDOUT);
	CHECK(fault("duplicate"));
	CHECK_EQ(ask(), EPROTO);
	CHECK(fault("length 2147483648"));
	CHECK_EQ(ask(), EMSGSIZE);
	CHECK(fault("times=2 eof"));
	CHECK_EQ(ask(), EIO);
	CHECK(fault("clear"));
	CHECK(fault("connsilent 1"));
	CHECK(fault("dropsockets"));
	CHECK_EQ(ask(), EIO);
	CHECK(fault("clear"));
	CHECK_EQ(ask(), 0);
	CHECK_EQ(moves().hypercalls, 0);
	CHECK(choose_transport("auto"));
}

KTAP_TEST(wrong_choices)
{
	CHECK(!choose_transport("vsock backdoor"));
	CHECK(!choose_transport("none"));
	CHECK_EQ(ask(), 0);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(vsock_is_preferred),
	KTAP_ENTRY(every_fault_of_a_packet),
	KTAP_ENTRY(faults_of_a_reply),
	KTAP_ENTRY(unrequested_answer),
	KTAP_ENTRY(dropped_connections),
	KTAP_ENTRY(dropped_and_refused),
	KTAP_ENTRY(dropped_and_silent),
	KTAP_ENTRY(dead_transport_is_left_alone),
	KTAP_ENTRY(only_vsock),
	KTAP_ENTRY(wrong_choices),
};

int main(void)
{
	fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !steer("freeze") || snapshot_take(fd, &right)) {
		printf("Bail out! " DEVICE ": %s\n", strerror(errno));
		return 1;
	}
	return KTAP_MAIN(tests);
}
