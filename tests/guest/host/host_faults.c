// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * A host that has faults. The program tries each fault of the virtual host except hostile, in
 * each operation that makes a request. A fault of a hypercall is tried at each step of the
 * message. The table of faults has the transports for each fault, and whether the fault occurs
 * once or without end. The operation has to fail with the error that is documented for the
 * fault, or to succeed, within the documented time and with a bounded number of hypercalls. A
 * failure must leave nothing behind, and the next operation must succeed.
 *
 * The tests use a virtual clock, which does not depend on the load of the machine. The
 * statistics of the host are frozen, so that the right values are known.
 */
#include <poll.h>

#include "heartbeat.h"
#include "ktap.h"
#include "snapshot.h"

#define ALWAYS	1000
#define STAT_REQUEST	"guestlib.stat.get text session"
#define COMMAND		"GuestAppMonitor.Cmd."

/* --- expected results ------------------------------------------------------------- */

enum transport { BACKDOOR, LOW_BANDWIDTH, VSOCK, AUTO, TRANSPORTS };

static const struct {
	const char *name;
	const char *transport;
	const char *hb;
} transports[TRANSPORTS] = {
	[BACKDOOR] = { "backdoor", "backdoor", "TRUE" },
	[LOW_BANDWIDTH] = { "low bandwidth", "backdoor", "FALSE" },
	[VSOCK] = { "vsock", "vsock", "TRUE" },
	[AUTO] = { "auto", "auto", "TRUE" },
};

#define ON(transport)	(1u << (transport))
#define ON_BACKDOOR	(ON(BACKDOOR) | ON(LOW_BANDWIDTH))
#define ON_ALL_BUT_LOW	(ON(BACKDOOR) | ON(VSOCK) | ON(AUTO))

/* Kinds of answers that operations expect from the host */
enum answer { INFO, TEXT, WORD, ENABLED, STATUS, ANSWERS };

/*
 * A fault and the possible results of an operation. There is one word of letters for each kind
 * of answer, or one word for all kinds. Each letter of a word is a possible result:
 *
 *	.	served, with right values	~	served; values may be missing or wrong
 *	e	EIO				t	ETIMEDOUT
 *	p	EPROTO				s	EMSGSIZE
 *	-	served: the fault does not concern this answer
 *
 * The arbiter's worker has a buffer for one word only, so that a longer reply is an error for
 * the operations of the worker.
 *
 * The order is the text that requests the fault from the host. If the order contains %u, the
 * fault is tried at each step of the message, and %u becomes the number of the step.
 */
struct fault {
	unsigned int transports;
	unsigned int times;
	const char *order;
	const char *expected;
};

static const struct fault faults[] = {
	{ ON_BACKDOOR, 1, "cpt %u", "." },
	{ ON_BACKDOOR, ALWAYS, "cpt %u", "e" },
	{ ON_BACKDOOR, 1, "refuse %u", "." },
	{ ON_BACKDOOR, ALWAYS, "refuse %u", "e" },
	{ ON(BACKDOOR), 1, "status closed %u", "." },
	{ ON(BACKDOOR), ALWAYS, "status closed %u", "e" },
	{ ON(BACKDOOR), 1, "status poweroff %u", "." },
	{ ON(BACKDOOR), 1, "status timeout %u", "." },
	{ ON(BACKDOOR), 1, "status unsent|hb %u", "." },
	{ ON_BACKDOOR, ALWAYS, "status success|unsent|timeout %u", "." },

	{ ON(BACKDOOR), 0, "open 1", "." },
	{ ON(BACKDOOR), 0, "open 6", "e" },
	{ ON(BACKDOOR), 1, "cookie", "." },
	{ ON_BACKDOOR, 0, "dropchannel", "." },

	{ ON(BACKDOOR), 1, "noreply", "p" },
	{ ON(BACKDOOR), ALWAYS, "noreply", "p" },
	{ ON(BACKDOOR) | ON(VSOCK), 1, "truncate 0", "p" },
	{ ON(BACKDOOR) | ON(VSOCK) | ON(AUTO), 1, "truncate 1", "p" },
	{ ON_ALL_BUT_LOW, ALWAYS, "truncate 2", "p ~ p ~ p" },
	{ ON_ALL_BUT_LOW, ALWAYS, "truncate 100", "p ~ . . ." },
	{ ON_ALL_BUT_LOW, ALWAYS, "oversize 100", "p ~ p ~ p" },
	{ ON(BACKDOOR) | ON(VSOCK), 1, "oversize 4096", ". ~ s ~s p" },
	{ ON(AUTO), 1, "oversize 4096", ". ~ . ~ p" },
	{ ON_ALL_BUT_LOW, ALWAYS, "oversize 65536", ". ~ s ~s p" },
	{ ON_ALL_BUT_LOW, ALWAYS, "oversize 65537", "s" },
	{ ON_ALL_BUT_LOW, ALWAYS, "oversize 4294967295", "s" },
	{ ON_ALL_BUT_LOW, 1, "random 7", "p ~ p ~ ~p" },
	{ ON_ALL_BUT_LOW, ALWAYS, "random 8", "p ~ p ~ ~p" },
	{ ON_ALL_BUT_LOW, 1, "reorder", "p - - - -" },
	{ ON_ALL_BUT_LOW, 1, "count 3", "~ - - - -" },
	{ ON_ALL_BUT_LOW, ALWAYS, "count 0", "~ - - - -" },
	{ ON_ALL_BUT_LOW, 1, "count 4294967295", ". - - - -" },
	{ ON_ALL_BUT_LOW, 1, "version2", "~ - - - -" },
	{ ON_ALL_BUT_LOW, 1, "delay 20", "." },

	/* If the connection is lost once, the module connects again. */
	{ ON(VSOCK) | ON(AUTO), 1, "eof", "." },
	{ ON(VSOCK) | ON(AUTO), 1, "halfreset", "." },
	{ ON(VSOCK), ALWAYS, "eof", "e" },
	{ ON(VSOCK), ALWAYS, "halfreset", "e" },
	{ ON(VSOCK) | ON(AUTO), 0, "dropsockets", "." },
	{ ON(VSOCK), 0, "connreset 1000", "e" },
	{ ON(VSOCK), 0, "connsilent 1000", "e" },
	{ ON(VSOCK), 1, "noreply", "t" },
	{ ON(VSOCK), ALWAYS, "noreply", "t" },
	{ ON(VSOCK), 1, "half", "t" },
	{ ON(VSOCK), 1, "delay 2500", "t" },
	{ ON(VSOCK), 1, "dribble 200", "t" },
	{ ON(VSOCK), ALWAYS, "duplicate", "p" },
	{ ON(VSOCK), 1, "badtype", "p" },
	{ ON(VSOCK), 1, "nopayload", "p" },
	{ ON(VSOCK), 1, "length 4", "p" },
	{ ON(VSOCK), 1, "length 70000", "s" },
	{ ON(VSOCK), 1, "length 2147483648", "s" },
	{ ON(VSOCK), ALWAYS, "length 4294967295", "s" },
	{ ON(VSOCK) | ON(AUTO), ALWAYS, "extrafield", "." },
	{ ON(VSOCK) | ON(AUTO), ALWAYS, "nokind", "." },
	{ ON(VSOCK) | ON(AUTO), 1, "repeat", "." },

	/*
	 * The backdoor serves the request. A caller that waits for the arbiter's worker may time
	 * out before that.
	 */
	{ ON(AUTO), ALWAYS, "eof", "." },
	{ ON(AUTO), ALWAYS, "halfreset", "." },
	{ ON(AUTO), 0, "connreset 1000", "." },
	{ ON(AUTO), 0, "connsilent 1000", "." },
	{ ON(AUTO), 1, "noreply", ". . .t . ." },
	{ ON(AUTO), ALWAYS, "noreply", "p p pt p p" },
	{ ON(AUTO), ALWAYS, "half", ". . .t . ." },
	{ ON(AUTO), 1, "delay 2500", ". . .t . ." },
	{ ON(AUTO), 1, "dribble 200", ". . .t . ." },
	{ ON(AUTO), 1, "truncate 0", "." },
	{ ON(AUTO), ALWAYS, "truncate 0", "p" },
	{ ON(AUTO), ALWAYS, "duplicate", "." },
	{ ON(AUTO), ALWAYS, "badtype", "." },
	{ ON(AUTO), ALWAYS, "nopayload", "." },
	{ ON(AUTO), ALWAYS, "length 4", "." },
	{ ON(AUTO), ALWAYS, "length 4294967295", "." },
};

/* Returns the word of @fault for the kind @answer. */
static const char *expected_of(const struct fault *fault, enum answer answer)
{
	static char words[8];
	const char *at = fault->expected;
	unsigned int i;

	for (i = 0; i < answer && strchr(at, ' '); i++)
		at = strchr(at, ' ') + 1;
	snprintf(words, sizeof(words), "%.*s", (int)strcspn(at, " "), at);
	return words;
}

static bool is_expected(const char *words, int error)
{
	switch (error) {
	case 0:
		return strpbrk(words, ".~-");
	case EIO:
		return strchr(words, 'e');
	case ETIMEDOUT:
		return strchr(words, 't');
	case EPROTO:
		return strchr(words, 'p');
	case EMSGSIZE:
		return strchr(words, 's');
	}
	return false;
}

/* --- operations ------------------------------------------------------------------- */

static struct snapshot right;
static char right_text[256];
static int fd, dog = -1;

/* The values of the last operation */
static struct snapshot snapshot;
static char text[VMGUESTLIB_REPLY_MAX + 1];
static uint32_t text_len, verdict;
static uint64_t beats_before;

static int get_info(void)
{
	return snapshot_take(fd, &snapshot);
}

static bool info_is_right(void)
{
	return snapshot_same(&snapshot, &right);
}

/* Returns whether each value is right or missing. With some faults the host sends fewer values. */
static bool info_is_sane(void)
{
	unsigned int i;

	for (i = 0; i < VMGUESTLIB_STAT_END; i++)
		if (snapshot.values[i].state == VMGUESTLIB_VALUE_GIVEN &&
		    memcmp(&snapshot.values[i], &right.values[i],
			   sizeof(right.values[i])))
			return false;
	return snapshot.info.out_session_id == right.info.out_session_id;
}

static int stat_get(void)
{
	struct vmguestlib_stat_get get = session_request(text, VMGUESTLIB_REPLY_MAX);
	int error = request(fd, VMGUESTLIB_IOC_STAT_GET, &get);

	text_len = get.reply_len;
	verdict = get.out_reply;
	return error;
}

static int raw_rpc(void)
{
	struct vmguestlib_rpc rpc = {
		.size = sizeof(rpc),
		.request = (uintptr_t)STAT_REQUEST,
		.request_len = strlen(STAT_REQUEST),
		.reply = (uintptr_t)text,
		.reply_len = VMGUESTLIB_REPLY_MAX,
	};
	int error = request(fd, VMGUESTLIB_IOC_RPC, &rpc);

	text_len = rpc.reply_len;
	verdict = rpc.out_reply;
	return error;
}

static bool text_is_right(void)
{
	return verdict == VMGUESTLIB_REPLY_OK && text_len == strlen(right_text) &&
	       !memcmp(text, right_text, text_len);
}

static bool text_is_sane(void)
{
	return verdict == VMGUESTLIB_REPLY_OK;
}

/* Reads a file in sysfs into the variable text. Returns 0 or the error number. */
static int read_file(const char *name)
{
	char path[256];
	ssize_t len;
	int file, error;

	snprintf(path, sizeof(path), SYSFS "%s", name);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return errno;
	len = read(file, text, sizeof(text) - 1);
	error = len < 0 ? errno : 0;
	text[len < 0 ? 0 : len] = '\0';
	close(file);
	return error;
}

/* ENODATA is no error here, because it means that the host does not send the statistic. */
static int read_mapped(void)
{
	int error = read_file("mem/mapped_mb");

	return error == ENODATA ? 0 : error;
}

static bool mapped_is_right(void)
{
	return *text && strtoull(text, NULL, 10) ==
			right.values[VMGUESTLIB_STAT_MEM_MAPPED_MB].value;
}

static bool mapped_is_sane(void)
{
	return !*text || mapped_is_right();
}

static int read_enabled(void)
{
	return read_file("heartbeat/enabled");
}

static bool enabled_is_right(void)
{
	return !strcmp(text, "1\n");
}

static bool enabled_is_sane(void)
{
	return !strcmp(text, "0\n") || enabled_is_right();
}

static int ask_enabled(void)
{
	struct vmguestlib_appmon arg = {
		.size = sizeof(arg),
		.op = VMGUESTLIB_APPMON_IS_ENABLED,
		.out_enabled = 77,
	};
	int error = request(fd, VMGUESTLIB_IOC_APPMON, &arg);

	snprintf(text, sizeof(text), "%u\n", arg.out_enabled);
	return error;
}

static int read_status(void)
{
	return read_file("heartbeat/status");
}

static int ask_status(void)
{
	char word[VMGUESTLIB_APPMON_TEXT_SIZE] = "";
	int error = appmon(fd, VMGUESTLIB_APPMON_GET_STATUS, word);

	strcpy(text, word);
	return error;
}

static bool status_is_right(void)
{
	return !strncmp(text, "Green", 5);
}

static bool status_is_sane(void)
{
	return *text;
}

static int enable(void)
{
	return appmon(fd, VMGUESTLIB_APPMON_ENABLE, NULL);
}

static bool host_is_enabled(void)
{
	return !strcmp(ha_word("enabled"), "true");
}

static int disable(void)
{
	return appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL);
}

static int mark_active(void)
{
	return appmon(fd, VMGUESTLIB_APPMON_MARK_ACTIVE, NULL);
}

static bool beat_arrived(void)
{
	return ha("beats") > beats_before;
}

/* Returns whether a heartbeat arrives at the host within a window. */
static bool beats_go_on(void)
{
	int i;

	for (i = 0; i < 50 && !beat_arrived(); i++)
		sleep_ms(100);
	return beat_arrived() && !ha_events("red", 0, NULL);
}

static int post_state(void)
{
	return post(fd, "needReset");
}

static bool state_is_posted(void)
{
	return !strcmp(ha_word("state"), "needReset");
}

static int arm_client(void)
{
	return arm(fd, "app", 3600000, STOP);
}

static int disarm_client(void)
{
	return disarm(fd);
}

static int open_watchdog(void)
{
	dog = open("/dev/watchdog0", O_WRONLY | O_CLOEXEC);
	return dog < 0 ? errno : 0;
}

/* The module sends a heartbeat every 10 s, and retries after one second. */
static int wait_for_beat(void)
{
	sleep_ms(14000);
	return 0;
}

static int watch(uint32_t interval_ms)
{
	struct vmguestlib_watch arg = {
		.size = sizeof(arg),
		.interval_ms = interval_ms,
	};

	return request(fd, VMGUESTLIB_IOC_WATCH, &arg);
}

static int watch_for_a_while(void)
{
	int error = watch(200);

	sleep_ms(1500);
	return error;
}

/* Returns whether the module reports the change, after this request or the next one. */
static bool change_is_seen(void)
{
	struct vmguestlib_events events = { .size = sizeof(events) };
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };
	bool seen = poll(&pollfd, 1, 5000) == 1;

	return !watch(0) && !request(fd, VMGUESTLIB_IOC_EVENTS, &events) && seen;
}

/* --- the state before and after ----------------------------------------------------- */

static void prepare_enabled(void)
{
	CHECK_EQ(enable(), 0);
	CHECK_EQ(mark_active(), 0);
	beats_before = ha("beats");
}

static void prepare_armed(void)
{
	CHECK_EQ(arm_client(), 0);
	sleep_ms(500);
	beats_before = ha("beats");
}

static void prepare_change(void)
{
	CHECK_EQ(get_info(), 0);
	CHECK(host("hotplug"));
}

static void close_watchdog(void)
{
	if (dog < 0)
		return;
	CHECK_EQ(write(dog, "V", 1), 1);
	close(dog);
	dog = -1;
}

static void learn_right(void)
{
	CHECK_EQ(snapshot_take(fd, &right), 0);
	CHECK_EQ(right.info.out_info_version, 3);
	CHECK_EQ(raw_rpc(), 0);
	snprintf(right_text, sizeof(right_text), "%.*s", (int)text_len, text);
}

/* Makes a request with each of the module's three instances, so that each connects again. */
static void return_to_vsock(void)
{
	sleep_ms(1000);
	CHECK(choose_transport("vsock"));
	CHECK_EQ(get_info(), 0);
	CHECK_EQ(raw_rpc(), 0);
	CHECK_EQ(disable(), 0);
	CHECK(choose_transport("auto"));
}

static void enter_transport(enum transport transport)
{
	CHECK(host_set("vmxsim.transport.hb", transports[transport].hb));
	if (transport == AUTO)
		return_to_vsock();
	CHECK(choose_transport(transports[transport].transport));
	learn_right();
}

static bool begins_with(const char *order, const char *word)
{
	return !strncmp(order, word, strlen(word));
}

/* Lets the module use VMCI sockets again after a failover, and request version 3 again. */
static void recover(const struct fault *fault, enum transport transport,
		    uint64_t failovers_before)
{
	if (!strcmp(fault->order, "version2")) {
		CHECK(host("hotplug"));
		learn_right();
	}
	if (transport == AUTO && (begins_with(fault->order, "conn") ||
			     sysfs_number("rpc/failovers") != failovers_before))
		enter_transport(transport);
}

/*
 * The operations. At low bandwidth, only one operation for each kind of answer and the heartbeat
 * of the worker are tried, because the transport handles all messages by the same code. With all
 * operations at low bandwidth, the program would take half as much time again.
 */
static const struct operation {
	const char *name;
	const char *match;		/* text in the request that gets the fault */
	enum answer answer;
	void (*prepare)(void);
	int (*run)(void);		/* returns 0 or an error number */
	bool (*is_right)(void);		/* checks the values of a success */
	bool (*is_sane)(void);		/* the same for '~'; NULL: is_right() */
	unsigned int timeout_ms;	/* documented time */
	bool copes;			/* the module repeats it, so it succeeds after one fault */
	bool enables;			/* leaves monitoring enabled after a success */
	bool low_too;			/* whether low bandwidth is tried, too */
} operations[] = {
	{ "GET_INFO", "guestlib.info", INFO, NULL, get_info, info_is_right,
	  info_is_sane, 2000, false, false, true },
	{ "STAT_GET", "guestlib.stat", TEXT, NULL, stat_get, text_is_right,
	  text_is_sane, 2000, false, false, false },
	{ "RPC", "guestlib.stat", TEXT, NULL, raw_rpc, text_is_right, text_is_sane,
	  2000, false, false, true },
	{ "mem/mapped_mb", "guestlib.info", INFO, NULL, read_mapped,
	  mapped_is_right, mapped_is_sane, 2000, false, false, false },
	{ "heartbeat/enabled", COMMAND "IsEnabled", ENABLED, prepare_enabled,
	  read_enabled, enabled_is_right, enabled_is_sane, 2000, false, false, false },
	{ "heartbeat/status", COMMAND "GetAppStatus", STATUS, prepare_enabled,
	  read_status, status_is_right, status_is_sane, 2000, false, false, false },
	{ "APPMON IS_ENABLED", COMMAND "IsEnabled", ENABLED, prepare_enabled,
	  ask_enabled, enabled_is_right, enabled_is_sane, 2000, false, false, true },
	{ "APPMON GET_STATUS", COMMAND "GetAppStatus", STATUS, prepare_enabled,
	  ask_status, status_is_right, status_is_sane, 2000, false, false, true },
	{ "APPMON ENABLE", COMMAND "Enable", WORD, NULL, enable, host_is_enabled,
	  NULL, 2000, false, true, true },
	{ "APPMON DISABLE", COMMAND "Disable", WORD, prepare_enabled, disable,
	  host_is_disabled, NULL, 2000, false, false, false },
	{ "APPMON MARK_ACTIVE", COMMAND "MarkActive", WORD, prepare_enabled,
	  mark_active, beat_arrived, NULL, 2000, false, false, false },
	{ "APPMON POST_STATE", COMMAND "PostAppState", WORD, prepare_enabled,
	  post_state, state_is_posted, NULL, 2000, false, false, false },
	{ "ARM", COMMAND "Enable", WORD, NULL, arm_client, host_is_enabled, NULL,
	  2000, false, true, false },
	{ "ARM, which asks first", COMMAND "IsEnabled", ENABLED, NULL, arm_client,
	  host_is_enabled, host_is_enabled, 2000, false, true, false },
	{ "DISARM", COMMAND "Disable", WORD, prepare_armed, disarm_client,
	  host_is_disabled, NULL, 2000, true, false, false },
	{ "watchdog", COMMAND "Enable", WORD, NULL, open_watchdog, host_is_enabled,
	  NULL, 2000, false, true, false },
	{ "beat", COMMAND "MarkActive", WORD, prepare_armed, wait_for_beat,
	  beats_go_on, NULL, 14000, true, false, true },
	{ "WATCH", "guestlib.info", INFO, prepare_change, watch_for_a_while,
	  change_is_seen, NULL, 1500, true, false, false },
};

#define OPERATIONS	(sizeof(operations) / sizeof(operations[0]))

/* Restores the state before a test: no client, monitoring disabled, no state posted. */
static void be_neutral(const struct operation *operation)
{
	CHECK(channels() <= 3);
	if (operation->answer == INFO || operation->answer == TEXT)
		return;
	close_watchdog();
	if (state(fd) != VMGUESTLIB_HEARTBEAT_UNARMED)
		CHECK_EQ(disarm(fd), 0);
	if (operation->run == post_state && state_is_posted())
		CHECK_EQ(post(fd, "OK"), 0);
	CHECK_EQ(disable(), 0);
	CHECK(host_is_disabled());
	CHECK_EQ(list_clients(fd, NULL, 0), 0);
	CHECK(host("ha clear"));
}

/* --- one fault, one operation -------------------------------------------------------- */

/* Time that timers may add to the documented time */
#define SLACK_MS	100

/*
 * Bound for the hypercalls of an operation: a multiple of the number without a fault, plus a
 * constant. A request is sent at most twice over a transport. Each of these two times, the message
 * is started at most 17 times.
 */
#define TIMES_MORE_HYPERCALLS	40
#define HYPERCALLS_MORE		100

static unsigned int cases;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000) + now.tv_nsec / 1000000;
}

/* Returns whether the fault closes an open channel or connection at once. */
static bool is_drop(const struct fault *fault)
{
	return begins_with(fault->order, "drop");
}

/*
 * Returns the number of faults so far. The host does not count drops. The module counts a drop
 * if it had a channel or connection open.
 */
static uint64_t faults_met(const struct fault *fault)
{
	if (is_drop(fault))
		return sysfs_number("rpc/reopened");
	return host("counters") ? said("faults") : 0;
}

/*
 * Returns whether the fault may have no effect. An operation that enables monitoring opens the
 * first channel, so before this operation there is no channel to drop.
 */
static bool may_miss(const struct operation *operation, const struct fault *fault)
{
	return is_drop(fault) && operation->enables;
}

/*
 * Requests the fault. At OPEN and SENDSIZE the host does not know the request yet, so that it
 * cannot compare "match". Faults of these steps also hit the next requests that this program
 * makes to the host. Such a fault is therefore requested several times.
 */
static bool order_fault(const struct operation *operation,
			const struct fault *fault, unsigned int step)
{
	char match[80] = "", times[24] = "", order[80], line[256];
	bool is_nameless = step == 1 || begins_with(fault->order, "cookie");

	if (begins_with(fault->order, "open") || begins_with(fault->order, "cookie"))
		CHECK(host("fault dropchannel"));
	if (begins_with(fault->order, "conn"))
		CHECK(host("fault dropsockets"));
	if (fault->times && !is_nameless)
		snprintf(match, sizeof(match), "match=%s ", operation->match);
	if (fault->times > 1)
		snprintf(times, sizeof(times), "times=%u ",
			 is_nameless ? 6 : fault->times);
	snprintf(order, sizeof(order), fault->order, step);
	snprintf(line, sizeof(line), "fault %s%s%s", match, times, order);
	return host(line);
}

/* Returns whether a failed operation has left nothing behind. */
static bool left_nothing(const struct operation *operation)
{
	return !operation->enables || (host_is_disabled() &&
				       list_clients(fd, NULL, 0) == 0);
}

static bool came_as_expected(const struct operation *operation,
			     const char *words, int error)
{
	if (operation->copes)
		return !error && operation->is_right();
	if (!is_expected(words, error))
		return false;
	if (error)
		return left_nothing(operation);
	if (strchr(words, '~') && operation->is_sane)
		return operation->is_sane();
	return operation->is_right();
}

struct cost {
	uint64_t ms, hypercalls;
};

static struct cost cost_now(void)
{
	return (struct cost) { now_ms(), sysfs_number("rpc/hypercalls") };
}

static bool is_bounded(const struct operation *operation,
		       const struct fault *fault, struct cost before,
		       uint64_t usual)
{
	struct cost now = cost_now();
	/* The module repeats such an operation every second. */
	uint64_t tries = operation->copes ? operation->timeout_ms / 1000 + 1 : 1;
	uint64_t words = begins_with(fault->order, "oversize") ?
			 2 * VMGUESTLIB_REPLY_MAX / 4 : 0;

	return now.ms - before.ms <= operation->timeout_ms + SLACK_MS &&
	       now.hypercalls - before.hypercalls <=
	       TIMES_MORE_HYPERCALLS * tries * usual +
			HYPERCALLS_MORE + words;
}

static void prepare(const struct operation *operation)
{
	if (operation->prepare)
		operation->prepare();
}

/* Checks the operation without a fault. Returns the number of hypercalls that it needs. */
static uint64_t check_undisturbed(const struct operation *operation)
{
	uint64_t before;
	int error;

	prepare(operation);
	before = sysfs_number("rpc/hypercalls");
	error = operation->run();
	before = sysfs_number("rpc/hypercalls") - before;
	CHECK_EQ(error, 0);
	CHECK(operation->is_right());
	be_neutral(operation);
	return before;
}

/* Tries an operation with a fault. Returns whether the fault has occurred. */
static bool try_fault(const struct operation *operation,
		      const struct fault *fault, unsigned int step,
		      enum transport transport, uint64_t usual)
{
	const char *words = expected_of(fault, operation->answer);
	unsigned int failures = ktap_failures;
	uint64_t failovers = sysfs_number("rpc/failovers");
	uint64_t met = faults_met(fault);
	struct cost before;
	bool in_bounds;
	int error;

	prepare(operation);
	CHECK(order_fault(operation, fault, step));
	before = cost_now();
	error = operation->run();
	in_bounds = is_bounded(operation, fault, before, usual);
	CHECK(host("fault clear"));
	met = faults_met(fault) - met;
	CHECK(in_bounds);
	/* If the fault has not occurred, the message does not have this step. */
	if (!met)
		words = ".";
	CHECK(came_as_expected(operation, words, error));
	be_neutral(operation);
	recover(fault, transport, failovers);
	check_undisturbed(operation);
	cases++;
	if (ktap_failures > failures)
		printf("# %s, %s: times=%u %s, step %u: error %d, expected %s\n",
		       operation->name, transports[transport].name, fault->times,
		       fault->order, step, error, words);
	return met;
}

/* Steps of the shortest message: SENDSIZE, payload, RECVSIZE, payload, RECVSTATUS */
#define STEPS_MIN	5

/*
 * Returns the next step to try. All steps of a short message are tried. Of a long message, only
 * the first, the last and some steps in the middle are tried, because the same code handles
 * all words.
 */
#define SHORT_MESSAGE	14
#define STRIDE		50

static void try_steps(const struct operation *operation, const struct fault *fault,
		      enum transport transport, uint64_t usual)
{
	unsigned int step = 1, last = 0, middle;

	while (try_fault(operation, fault, step, transport, usual)) {
		last = step;
		step += step < SHORT_MESSAGE ? 1 : STRIDE;
	}
	while (last + 1 < step) {
		middle = (last + step) / 2;
		if (try_fault(operation, fault, middle, transport, usual))
			last = middle;
		else
			step = middle;
	}
	if (!CHECK(last >= STEPS_MIN))
		printf("# %s, %s: times=%u %s\n", operation->name,
		       transports[transport].name, fault->times, fault->order);
}

static void try_transport(const struct operation *operation, enum transport transport)
{
	uint64_t usual;
	size_t i;

	enter_transport(transport);
	usual = check_undisturbed(operation);
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct fault *fault = &faults[i];

		if (!(fault->transports & ON(transport)))
			continue;
		if (strchr(fault->order, '%'))
			try_steps(operation, fault, transport, usual);
		else if (*expected_of(fault, operation->answer) != '-')
			CHECK(try_fault(operation, fault, 0, transport, usual) ||
			      may_miss(operation, fault));
	}
}

static void try_next_operation(void)
{
	static size_t next;
	const struct operation *operation = &operations[next++];
	unsigned int failures;
	enum transport transport;

	cases = 0;
	for (transport = 0; transport < TRANSPORTS; transport++) {
		if (transport == LOW_BANDWIDTH && !operation->low_too)
			continue;
		failures = ktap_failures;
		try_transport(operation, transport);
		if (ktap_failures > failures)
			printf("# with %s\n", transports[transport].name);
	}
	printf("# %s: %u cases\n", operation->name, cases);
}

/* --- commands that need no channel ------------------------------------------------------ */

/* The time and the processor speed need no channel, so they are served in spite of faults. */
static void clock_needs_no_channel(void)
{
	struct vmguestlib_host_time time = { .size = sizeof(time) };
	struct vmguestlib_cpu_speed speed = { .size = sizeof(speed) };
	struct cost before;

	CHECK(choose_transport("backdoor"));
	CHECK(host("fault times=1000 cpt 2"));
	CHECK(host("fault times=1000 noreply"));
	CHECK(host("fault dropchannel"));
	before = cost_now();
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_HOST_TIME, &time), 0);
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_CPU_SPEED, &speed), 0);
	CHECK_EQ(sysfs_number("rpc/hypercalls"), before.hypercalls);
	CHECK(time.out_sec && time.out_usec < 1000000 && speed.out_mhz);
	CHECK(host("fault clear"));
}

/* Freezes the statistics of the host, and makes each read of sysfs make a request. */
static bool begin(void)
{
	fd = open_device(O_RDWR);
	return host("freeze") && !file_write("max_age_ms", "0");
}

int main(void)
{
	struct ktap_test tests[OPERATIONS + 1];
	size_t i;

	for (i = 0; i < OPERATIONS; i++)
		tests[i] = (struct ktap_test) {
			operations[i].name, try_next_operation
		};
	tests[i] = (struct ktap_test) KTAP_ENTRY(clock_needs_no_channel);
	if (!begin()) {
		printf("Bail out! no host that stands still\n");
		return 1;
	}
	return KTAP_MAIN(tests);
}
