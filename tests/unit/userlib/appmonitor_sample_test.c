// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * appmonitor-sample without a kernel module: its heartbeats, and its question after Ctrl+C.
 * Each test runs the sample in a child process.
 */
int sample_main(int argc, char **argv);
#define main sample_main
#include "../../../tools/sdk/appmonitor-sample.c"
#undef main

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>

#include "fake.h"
#include "ktap.h"

/* The replaced close() counts the files that the library closes, so tests use this one. */
int __real_close(int fd);

#define ANSWER_MS	10000

static struct {
	pid_t pid;
	bool ignores;	/* begins with SIGINT ignored */
	bool full;	/* its output has no room */
	bool terminal;	/* with @full: its output is a terminal with room for some bytes */
	int to, from;
	char said[8192];
	size_t len;
	size_t read;	/* end of the last text that expect() has found */
} child;

/* Prints <number> for each request, between the texts of the sample. */
static void print_request(const struct vmguestlib_appmon *request)
{
	dprintf(STDOUT_FILENO, "<%u>", request->op);
}

static void reset(void)
{
	fake_reset();
	fake.access = O_RDWR;
	fake.on_appmon = print_request;
}

static void fill(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	while (write(fd, ".", 1) > 0)
		;
	fcntl(fd, F_SETFL, flags);
}

/* poll() reports room only when a piece of 512 bytes is free. Most of the piece is filled. */
static void make_some_room(int reader, int writer)
{
	struct pollfd output = { .fd = writer, .events = POLLOUT };
	char bytes[512];
	int i;

	while (poll(&output, 1, 10) != 1)
		if (read(reader, bytes, 1) != 1)
			abort();
	for (i = 0; i < 450 && poll(&output, 1, 0) == 1; i++)
		if (write(writer, ".", 1) != 1)
			abort();
}

static void start(const char *interval)
{
	char *argv[] = { "appmonitor-sample", "-i", (char *)interval, NULL };
	int in[2], out[2];

	fflush(stdout);
	if (pipe(in) ||
	    (child.terminal ? openpty(&out[0], &out[1], NULL, NULL, NULL) : pipe(out)))
		abort();
	if (child.full)
		fill(out[1]);
	if (child.terminal)
		make_some_room(out[0], out[1]);
	child.pid = fork();
	if (child.pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		__real_close(in[1]);
		signal(SIGINT, child.ignores ? SIG_IGN : SIG_DFL);
		exit(sample_main(interval ? 3 : 1, argv));
	}
	__real_close(in[0]);
	__real_close(out[1]);
	child.to = in[1];
	child.from = out[0];
	child.len = 0;
	child.read = 0;
	child.said[0] = '\0';
}

static bool hear(void)
{
	struct pollfd output = { .fd = child.from, .events = POLLIN };
	size_t room = sizeof(child.said) - 1 - child.len;
	ssize_t len;

	if (poll(&output, 1, ANSWER_MS) <= 0)
		return false;
	len = read(child.from, child.said + child.len, room);
	if (len <= 0)
		return false;
	child.len += len;
	child.said[child.len] = '\0';
	return true;
}

/* Waits for @text in the output that follows the text of the previous call. */
static bool expect(const char *text)
{
	char *found;

	while (!(found = strstr(child.said + child.read, text)))
		if (!hear())
			return CHECK_STR(child.said + child.read, text);
	child.read = found - child.said + strlen(text);
	return true;
}

static void answer(const char *text)
{
	CHECK_EQ(write(child.to, text, strlen(text)), strlen(text));
}

static void press_ctrl_c(void)
{
	kill(child.pid, SIGINT);
}

static void close_input(void)
{
	__real_close(child.to);
	child.to = -1;
}

/* Checks the exit status, and the output after the text of the last expect(). */
static void check_end(const char *rest, int wanted_status)
{
	int status;

	while (hear())
		;
	CHECK_STR(child.said + child.read, rest);
	CHECK_EQ(waitpid(child.pid, &status, 0), child.pid);
	CHECK_EQ(status, W_EXITCODE(wanted_status, 0));
	if (child.to >= 0)
		close_input();
	__real_close(child.from);
}

KTAP_TEST(sample_beats_and_prints_the_status)
{
	reset();
	start("1");
	expect("<1><4><5>heartbeat sent, status Green\n");
	expect("<4><5>heartbeat sent, status Green\n");
	expect("<4><5>heartbeat sent, status Green\n");
	press_ctrl_c();
	expect("? ");
	answer("d\n");
	check_end("<2>", 0);
}

KTAP_TEST(answer_stop_leaves_monitoring_enabled)
{
	reset();
	start(NULL);
	expect("status Green\n");
	press_ctrl_c();
	expect(question);
	answer("s\n");
	check_end("", 0);
}

KTAP_TEST(answer_disable_disables)
{
	reset();
	start(NULL);
	expect("status Green\n");
	press_ctrl_c();
	expect(question);
	answer("d\n");
	check_end("<2>", 0);
}

KTAP_TEST(answer_continue_continues)
{
	reset();
	start("1");
	expect("status Green\n");
	press_ctrl_c();
	expect(question);
	answer("c\n");
	expect("<4><5>heartbeat sent, status Green\n");
	press_ctrl_c();
	expect(question);
	answer("  stop\n");
	check_end("", 0);
}

KTAP_TEST(heartbeats_go_on_during_the_question)
{
	reset();
	start("1");
	expect("status Green\n");
	press_ctrl_c();
	expect(question);
	expect("<4><5>");
	answer("d");
	expect("<4><5>");
	answer("\n");
	check_end("<2>", 0);
	CHECK(!strstr(strstr(child.said, question), "heartbeat sent"));
}

KTAP_TEST(question_is_repeated)
{
	reset();
	start(NULL);
	expect("status Green\n");
	press_ctrl_c();
	expect(question);
	answer("\n");
	expect(question);
	answer("x d s\n");
	expect(question);
	answer("d");
	press_ctrl_c();
	expect(question);
	answer("s\n");
	check_end("", 0);
}

KTAP_TEST(no_answer_at_the_end_of_input)
{
	reset();
	start(NULL);
	expect("status Green\n");
	close_input();
	press_ctrl_c();
	expect(question);
	check_end("<2>", 0);
}

KTAP_TEST(input_is_not_touched_before_the_question)
{
	reset();
	start("1");
	close_input();
	expect("status Green\n");
	expect("status Green\n");
	kill(child.pid, SIGTERM);
	while (hear())
		;
	CHECK_EQ(waitpid(child.pid, NULL, 0), child.pid);
	CHECK(!strstr(child.said, "<2>"));
	__real_close(child.from);
}

KTAP_TEST(an_ignored_signal_stays_ignored)
{
	reset();
	child.ignores = true;
	start("1");
	child.ignores = false;
	expect("status Green\n");
	press_ctrl_c();
	expect("<4><5>");
	expect("<4><5>");
	kill(child.pid, SIGKILL);
	CHECK_EQ(waitpid(child.pid, NULL, 0), child.pid);
	CHECK(!strstr(child.said, question));
	close_input();
	__real_close(child.from);
}

/* Each request writes a byte to this pipe, because the output has no room. */
static int counted[2];

static void count_request(const struct vmguestlib_appmon *request)
{
	char op = (char)request->op;

	CHECK_EQ(write(counted[1], &op, 1), 1);
}

static bool requested(char *op)
{
	struct pollfd request = { .fd = counted[0], .events = POLLIN };

	return poll(&request, 1, ANSWER_MS) == 1 && read(counted[0], op, 1) == 1;
}

/*
 * Waits for @requests: Enable, and then MarkActive and GetAppStatus for each heartbeat. After
 * that, Ctrl+C and the end of input must lead to Disable, although no output can be written.
 */
static void check_unread(bool terminal, int requests)
{
	char op = 0;
	int i;

	reset();
	if (pipe(counted))
		abort();
	fake.on_appmon = count_request;
	child.full = true;
	child.terminal = terminal;
	start("1");
	child.full = false;
	child.terminal = false;
	for (i = 0; i < requests && CHECK(requested(&op)); i++)
		;
	close_input();
	press_ctrl_c();
	CHECK(requested(&op));
	CHECK_EQ(op, VMGUESTLIB_APPMON_DISABLE);
	kill(child.pid, SIGKILL);
	CHECK_EQ(waitpid(child.pid, NULL, 0), child.pid);
	__real_close(child.from);
	__real_close(counted[0]);
	__real_close(counted[1]);
}

KTAP_TEST(output_that_is_not_read)
{
	check_unread(false, 5);
}

/* The texts of six heartbeats are longer than the room of the terminal. */
KTAP_TEST(a_terminal_that_is_not_read)
{
	check_unread(true, 13);
}

static const char *gray;

static void gray_until_enabled_twice(const struct vmguestlib_appmon *request)
{
	static unsigned int enabled;

	dprintf(STDOUT_FILENO, "<%u>", request->op);
	if (request->op == VMGUESTLIB_APPMON_ENABLE)
		strcpy(fake.status, enabled++ ? "Green" : gray);
}

KTAP_TEST(sample_enables_again_when_gray)
{
	static const char *const words[] = { "gray", "appStatusGray" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		reset();
		gray = words[i];
		fake.on_appmon = gray_until_enabled_twice;
		start(NULL);
		expect("<1><4><5><1><4><5>heartbeat sent, status Green\n");
		press_ctrl_c();
		expect(question);
		answer("d\n");
		check_end("<2>", 0);
	}
}

/* Refuses all requests after Enable, as if another program had sent Disable. */
static void refuse_after_enable(const struct vmguestlib_appmon *request)
{
	fake.request_errno = request->op == VMGUESTLIB_APPMON_ENABLE ? EACCES : 0;
}

KTAP_TEST(sample_enables_again_when_disabled_by_others)
{
	reset();
	fake.on_appmon = refuse_after_enable;
	start(NULL);
	expect("appmonitor-sample: enable again: not enabled "
	       "(Permission denied)\n");
	expect("appmonitor-sample: heartbeat: not enabled (Permission denied)\n");
	kill(child.pid, SIGKILL);
	CHECK_EQ(waitpid(child.pid, NULL, 0), child.pid);
	close_input();
	__real_close(child.from);
}

KTAP_TEST(enable_that_fails)
{
	reset();
	fake.device_errno = EACCES;
	start(NULL);
	check_end("appmonitor-sample: enable: failed (Permission denied)\n", 1);
	reset();
	fake.request_errno = EOPNOTSUPP;
	start(NULL);
	check_end("appmonitor-sample: enable: not supported by this host "
		  "(Operation not supported)\n", 1);
}

KTAP_TEST(invalid_arguments)
{
	static const char *const intervals[] = {
		"0", "-1", "3601", "1s", "", "x", "99999999999999999999",
	};
	char said[256];
	size_t i;

	for (i = 0; i < sizeof(intervals) / sizeof(intervals[0]); i++) {
		reset();
		start(intervals[i]);
		snprintf(said, sizeof(said),
			 "appmonitor-sample: -i needs seconds, 1 to 3600: %s\n"
			 "Try 'appmonitor-sample -h' for more information.\n",
			 intervals[i]);
		check_end(said, 2);
	}
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(sample_beats_and_prints_the_status),
	KTAP_ENTRY(answer_stop_leaves_monitoring_enabled),
	KTAP_ENTRY(answer_disable_disables),
	KTAP_ENTRY(answer_continue_continues),
	KTAP_ENTRY(heartbeats_go_on_during_the_question),
	KTAP_ENTRY(question_is_repeated),
	KTAP_ENTRY(no_answer_at_the_end_of_input),
	KTAP_ENTRY(input_is_not_touched_before_the_question),
	KTAP_ENTRY(an_ignored_signal_stays_ignored),
	KTAP_ENTRY(output_that_is_not_read),
	KTAP_ENTRY(a_terminal_that_is_not_read),
	KTAP_ENTRY(sample_enables_again_when_gray),
	KTAP_ENTRY(sample_enables_again_when_disabled_by_others),
	KTAP_ENTRY(enable_that_fails),
	KTAP_ENTRY(invalid_arguments),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
