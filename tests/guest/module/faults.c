// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * A host with faults: the program tries the faults of the backdoor, many of them at each
 * hypercall of a request. After each fault, another request without a fault must be served. The
 * statistics of the host are frozen, so that the program knows the right values.
 *
 *	faults hb | lb		with or without high bandwidth
 */
#include <fcntl.h>
#include <linux/vmguestlib.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"
#include "ktap.h"
#include "snapshot.h"

/* The statistics of the frozen host */
static struct snapshot right;
/* Number of hypercalls of a request */
static unsigned int steps;
static int fd;

static int take(struct snapshot *snapshot)
{
	return snapshot_take(fd, snapshot);
}

static bool is_right(const struct snapshot *snapshot)
{
	return snapshot_same(snapshot, &right);
}

static bool served(void)
{
	struct snapshot snapshot;
	int error = take(&snapshot);

	if (error)
		printf("# request failed: %s\n", strerror(error));
	return !error && is_right(&snapshot);
}

static bool fault(const char *format, unsigned int number)
{
	char order[64], request[80];

	snprintf(order, sizeof(order), format, number);
	snprintf(request, sizeof(request), "fault %s", order);
	return steer(request);
}

/* Checks that a request fails with one of two errors, and that the next request succeeds. */
static bool fails(const char *format, unsigned int number, int error, int other)
{
	struct snapshot snapshot;
	int got;

	if (!fault(format, number))
		return false;
	got = take(&snapshot);
	if (got != error && got != other) {
		printf("# %s %u: %s\n", format, number, strerror(got));
		return false;
	}
	return steer("fault clear") && served();
}

/* Checks that a request succeeds in spite of the fault, and that the next request succeeds. */
static bool survives(const char *format, unsigned int number)
{
	if (fault(format, number) && served() && steer("fault clear") &&
	    served())
		return true;
	printf("# %s %u\n", format, number);
	return false;
}

/*
 * Returns the next step to try. If a request has few steps, the test tries all of them. If the
 * request has many steps, the test tries those at both ends and some words of the payload,
 * because the same code handles all words.
 */
static unsigned int next_step(unsigned int step)
{
	return step < 10 || step + 5 > steps ? step + 1 : step + 13;
}

struct counts {
	unsigned long long checkpoints;
	unsigned long long reopened;
};

static struct counts count(void)
{
	return (struct counts) {
		.checkpoints = sysfs_number("rpc/checkpoints"),
		.reopened = sysfs_number("rpc/reopened"),
	};
}

KTAP_TEST(steps_of_a_request_are_known)
{
	unsigned long long before;

	CHECK(served());
	before = sysfs_number("rpc/hypercalls");
	CHECK(served());
	steps = sysfs_number("rpc/hypercalls") - before;
	CHECK(steps >= 5);
}

/*
 * After a checkpoint at a step of the payload or at RECVSTATUS, the module sends or receives
 * the message again. After a checkpoint at SENDSIZE or RECVSIZE, it opens another channel.
 */
KTAP_TEST(checkpoint_at_every_step)
{
	struct counts before = count(), after;
	unsigned int step;

	for (step = 1; step <= steps; step++)
		CHECK(survives("cpt %u", step));
	after = count();
	CHECK_EQ(after.reopened - before.reopened, 2);
	CHECK_EQ(after.checkpoints - before.checkpoints, steps - 2);
}

KTAP_TEST(checkpoints_in_a_row)
{
	struct counts before = count();

	CHECK(survives("times=16 cpt %u", 2));
	CHECK_EQ(count().checkpoints - before.checkpoints, 16);
}

KTAP_TEST(checkpoints_without_end)
{
	CHECK(fails("times=1000 cpt %u", 2, EIO, EIO));
}

/* If the host refuses one step, the module sends the request again over a new channel. */
KTAP_TEST(refusal_at_every_step)
{
	struct counts before = count();
	unsigned int step, tried = 0;

	for (step = 1; step <= steps; step = next_step(step), tried++)
		CHECK(survives("refuse %u", step));
	CHECK_EQ(count().reopened - before.reopened, tried);
}

KTAP_TEST(refusal_of_both_tries)
{
	unsigned int step;

	for (step = 1; step <= steps; step = next_step(step))
		CHECK(fails("times=2 refuse %u", step, EIO, EIO));
}

KTAP_TEST(closed_poweroff_and_timeout_at_every_step)
{
	unsigned int step;

	for (step = 1; step <= steps; step = next_step(step)) {
		CHECK(survives("status closed %u", step));
		CHECK(survives("status poweroff %u", step));
		CHECK(survives("status timeout %u", step));
	}
}

/* Other bits in a status that has SUCCESS have no effect. */
KTAP_TEST(other_bits_beside_success)
{
	unsigned int step;

	for (step = 1; step <= steps; step = next_step(step))
		CHECK(survives("status success|unsent|timeout %u", step));
}

KTAP_TEST(no_reply_waiting)
{
	CHECK(fails("noreply", 0, EPROTO, EPROTO));
}

KTAP_TEST(every_truncated_reply)
{
	unsigned long long len = sysfs_number("rpc/bytes_received");
	unsigned int n;

	CHECK(served());
	len = sysfs_number("rpc/bytes_received") - len;
	for (n = 0; n < len; n += n < 24 || n + 8 > len ? 1 : 7)
		CHECK(fails("truncate %u", n, EPROTO, EPROTO));
}

KTAP_TEST(oversized_replies)
{
	CHECK(survives("oversize %u", 4096));
	CHECK(survives("oversize %u", 65536));
	CHECK(fails("oversize %u", 65537, EMSGSIZE, EMSGSIZE));
	CHECK(fails("oversize %u", UINT32_MAX, EMSGSIZE, EMSGSIZE));
}

KTAP_TEST(random_replies)
{
	unsigned int seed;

	for (seed = 1; seed <= 20; seed++)
		CHECK(fails("random %u", seed, EPROTO, EPROTO));
}

KTAP_TEST(reordered_elements)
{
	CHECK(fails("reorder", 0, EPROTO, EPROTO));
}

KTAP_TEST(wrong_counts)
{
	struct snapshot snapshot;

	CHECK(fault("count %u", 3));
	CHECK_EQ(take(&snapshot), 0);
	CHECK_EQ(snapshot.info.out_count, 3);
	CHECK_EQ(snapshot.values[4].state, VMGUESTLIB_VALUE_NOT_SENT);
	CHECK(fault("count %u", 0));
	CHECK_EQ(take(&snapshot), 0);
	CHECK_EQ(snapshot.info.out_count, 0);
	CHECK(survives("count %u", VMGUESTLIB_STAT_END));
	CHECK(survives("count %u", UINT32_MAX));
}

/*
 * If a host refuses version 3 of the record, the module requests version 2, even if the host has
 * served version 3 before.
 */
KTAP_TEST(version_3_refused)
{
	struct snapshot snapshot;

	CHECK(fault("version2", 0));
	CHECK_EQ(take(&snapshot), 0);
	CHECK_EQ(snapshot.info.out_info_version, 2);
	CHECK_EQ(snapshot.values[VMGUESTLIB_STAT_MEM_MAPPED_MB].value,
		 right.values[VMGUESTLIB_STAT_MEM_MAPPED_MB].value);

	/* The module requests version 2 until the session changes. */
	CHECK_EQ(take(&snapshot), 0);
	CHECK_EQ(snapshot.info.out_info_version, 2);
	CHECK(steer("vmotion"));
	CHECK_EQ(take(&snapshot), 0);
	CHECK_EQ(snapshot.info.out_info_version, 3);
	right = snapshot;
}

KTAP_TEST(dropped_channels)
{
	struct counts before = count();

	CHECK(survives("dropchannel", 0));
	CHECK_EQ(count().reopened - before.reopened, 1);
}

KTAP_TEST(refused_open)
{
	CHECK(steer("fault dropchannel"));
	CHECK(survives("open %u", 1));
	CHECK(steer("fault dropchannel"));
	CHECK(survives("cookie", 0));
	CHECK(served());

	/* The host refuses OPEN with and without a cookie, so the next request fails. */
	CHECK(steer("fault dropchannel"));
	CHECK(fault("open %u", 2));
	CHECK(take(&(struct snapshot){ 0 }) == EIO);
	CHECK(served());
}

KTAP_TEST(slow_host)
{
	CHECK(survives("delay %u", 200));
}

static int stat_get(char *reply, uint32_t *len, uint32_t *verdict)
{
	struct vmguestlib_stat_get get = {
		.size = sizeof(get),
		.encoding = (uintptr_t)"text",
		.encoding_len = 4,
		.stat = (uintptr_t)"resources",
		.stat_len = 9,
		.reply = (uintptr_t)reply,
		.reply_len = *len,
	};
	int error = ioctl(fd, VMGUESTLIB_IOC_STAT_GET, &get) ? errno : 0;

	*len = get.reply_len;
	*verdict = get.out_reply;
	return error;
}

/* The module does not check the text itself. Only a fault outside the text is an error. */
KTAP_TEST(faults_of_extended_statistics)
{
	static char wanted[8192], reply[8192];
	uint32_t wanted_len = sizeof(wanted), len, verdict;
	unsigned int step;

	CHECK_EQ(stat_get(wanted, &wanted_len, &verdict), 0);
	CHECK_EQ(verdict, VMGUESTLIB_REPLY_OK);
	for (step = 1; step <= 12; step++) {
		len = sizeof(reply);
		CHECK(fault("cpt %u", step));
		CHECK_EQ(stat_get(reply, &len, &verdict), 0);
		CHECK_EQ(len, wanted_len);
		CHECK(!memcmp(reply, wanted, wanted_len));
		CHECK(steer("fault clear"));
	}
	len = sizeof(reply);
	CHECK(fault("truncate %u", 2));
	CHECK_EQ(stat_get(reply, &len, &verdict), 0);
	CHECK_EQ(len, 0);
	for (step = 0; step < 2; step++) {
		len = sizeof(reply);
		CHECK(fault("truncate %u", step));
		CHECK_EQ(stat_get(reply, &len, &verdict), EPROTO);
	}
	len = sizeof(reply);
	CHECK(fault("noreply", 0));
	CHECK_EQ(stat_get(reply, &len, &verdict), EPROTO);
	CHECK(served());
}

/* After all faults the module has one channel open, as at the beginning. */
KTAP_TEST(no_channel_is_left_behind)
{
	char line[2048];
	FILE *pipe = popen("vmware-rpctool vmxsim.counters", "r");
	char *at;

	if (!CHECK(pipe))
		return;
	CHECK(fgets(line, sizeof(line), pipe));
	pclose(pipe);
	at = strstr(line, "\"channels\":");
	/* One channel belongs to the module, the other to the program that reads the counters. */
	CHECK(at && atoi(at + 11) == 2);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(steps_of_a_request_are_known),
	KTAP_ENTRY(checkpoint_at_every_step),
	KTAP_ENTRY(checkpoints_in_a_row),
	KTAP_ENTRY(checkpoints_without_end),
	KTAP_ENTRY(refusal_at_every_step),
	KTAP_ENTRY(refusal_of_both_tries),
	KTAP_ENTRY(closed_poweroff_and_timeout_at_every_step),
	KTAP_ENTRY(other_bits_beside_success),
	KTAP_ENTRY(no_reply_waiting),
	KTAP_ENTRY(every_truncated_reply),
	KTAP_ENTRY(oversized_replies),
	KTAP_ENTRY(random_replies),
	KTAP_ENTRY(reordered_elements),
	KTAP_ENTRY(wrong_counts),
	KTAP_ENTRY(version_3_refused),
	KTAP_ENTRY(dropped_channels),
	KTAP_ENTRY(refused_open),
	KTAP_ENTRY(slow_host),
	KTAP_ENTRY(faults_of_extended_statistics),
	KTAP_ENTRY(no_channel_is_left_behind),
};

int main(int argc, char **argv)
{
	bool hb = argc == 2 && !strcmp(argv[1], "hb");

	fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !steer("freeze") ||
	    !steer(hb ? "set vmxsim.transport.hb TRUE" :
			"set vmxsim.transport.hb FALSE") || take(&right)) {
		printf("Bail out! no frozen host behind " DEVICE "\n");
		return 1;
	}
	return KTAP_MAIN(tests);
}
