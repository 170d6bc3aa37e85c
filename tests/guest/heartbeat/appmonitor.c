// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * libappmonitor in a guest: the requests that its functions send, the errors that they return
 * for the answers of the host, and the permissions that callers need. appmonitor.sh runs this
 * program. When the HA agent would reset the guest, it only writes to its log.
 */
#include <dirent.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"
#include "ktap.h"
#include "vmGuestAppMonitorLib.h"

#define ERR(name)	VMGUESTAPPMONITORLIB_ERROR_##name
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* The ids of the group vmguestlib and of an ordinary user, as in the guest's files in /etc */
#define GROUP	990
#define UID	1000

static VMGuestAppMonitorLibError post_ok(void)
{
	return VMGuestAppMonitor_PostAppState("OK");
}

static VMGuestAppMonitorLibError (*const calls[])(void) = {
	VMGuestAppMonitor_Enable, VMGuestAppMonitor_MarkActive, post_ok,
	VMGuestAppMonitor_Disable,
};

/* Returns the answer of the host to vmxsim.ha: the state of the HA agent, as JSON. */
static const char *ask_host(void)
{
	FILE *pipe = popen("vmware-rpctool vmxsim.ha", "r");
	static char json[65536];
	size_t len = 0;

	if (pipe) {
		len = fread(json, 1, sizeof(json) - 1, pipe);
		pclose(pipe);
	}
	json[len] = '\0';
	return json;
}

static bool host_says(const char *text)
{
	const char *json = ask_host();
	bool says = strstr(json, text);

	if (!says)
		printf("# the host says %s\n", json);
	return says;
}

static bool status_is(const char *word)
{
	char *status = VMGuestAppMonitor_GetAppStatus();
	bool same = CHECK_STR(status, word);

	VMGuestAppMonitor_Free(status);
	return same;
}

static unsigned int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

KTAP_TEST(a_whole_session)
{
	unsigned int files = open_files();

	CHECK_EQ(VMGuestAppMonitor_IsEnabled(), 0);
	CHECK_EQ(VMGuestAppMonitor_MarkActive(), ERR(NOT_ENABLED));
	status_is("Gray");
	CHECK(host_says("\"enabled\":false"));

	CHECK_EQ(VMGuestAppMonitor_Enable(), ERR(SUCCESS));
	CHECK_EQ(VMGuestAppMonitor_Enable(), ERR(SUCCESS));
	CHECK_EQ(VMGuestAppMonitor_IsEnabled(), 1);
	CHECK(host_says("\"enabled\":true"));
	CHECK(host_says("\"beats\":0,"));
	CHECK_EQ(VMGuestAppMonitor_MarkActive(), ERR(SUCCESS));
	CHECK_EQ(VMGuestAppMonitor_MarkActive(), ERR(SUCCESS));
	status_is("Green");
	CHECK(host_says("\"beats\":2,"));

	CHECK_EQ(VMGuestAppMonitor_Disable(), ERR(SUCCESS));
	CHECK_EQ(VMGuestAppMonitor_Disable(), ERR(SUCCESS));
	CHECK_EQ(VMGuestAppMonitor_IsEnabled(), 0);
	CHECK_EQ(VMGuestAppMonitor_MarkActive(), ERR(NOT_ENABLED));
	status_is("Gray");
	CHECK(host_says("\"enabled\":false"));
	CHECK_EQ(open_files(), files);
}

KTAP_TEST(one_process_enables_and_another_beats)
{
	int status;

	steer("ha clear");
	if (fork() == 0)
		_exit(VMGuestAppMonitor_Enable());
	wait(&status);
	CHECK_EQ(status, 0);
	if (fork() == 0)
		_exit(VMGuestAppMonitor_MarkActive());
	wait(&status);
	CHECK_EQ(status, 0);
	CHECK_EQ(VMGuestAppMonitor_IsEnabled(), 1);
	CHECK(host_says("\"beats\":1,"));
	CHECK_EQ(VMGuestAppMonitor_Disable(), ERR(SUCCESS));
}

KTAP_TEST(application_states)
{
	static const struct {
		const char *word, *state;
	} cases[] = {
		{ "OK", "\"state\":\"ok\"" },
		{ "needReset", "\"state\":\"needReset\"" },
		{ "appStateOk", "\"state\":\"ok\"" },
		{ "appStateNeedReset", "\"state\":\"needReset\"" },
		{ "OK", "\"state\":\"ok\"" },
	};
	static const char *const dialects[] = { "both", "short", "long" };
	char request[64];
	size_t i, j;

	for (j = 0; j < COUNT(dialects); j++) {
		snprintf(request, sizeof(request),
			 "set vmxsim.quirk.appState %s", dialects[j]);
		CHECK(steer(request));
		for (i = 0; i < COUNT(cases); i++) {
			CHECK_EQ(VMGuestAppMonitor_PostAppState(cases[i].word),
				 ERR(SUCCESS));
			CHECK(host_says(cases[i].state));
		}
	}
	CHECK(steer("set vmxsim.quirk.appState"));
	CHECK(host_says("\"enabled\":false"));
}

KTAP_TEST(other_states_do_not_reach_the_host)
{
	static const char *const words[] = { NULL, "", "ok", "Green", "OK " };
	unsigned long long requests = sysfs_number("rpc/requests");
	size_t i;

	for (i = 0; i < COUNT(words); i++)
		CHECK_EQ(VMGuestAppMonitor_PostAppState(words[i]), ERR(OTHER));
	CHECK_EQ(sysfs_number("rpc/requests"), requests);
}

KTAP_TEST(status_words_as_the_host_spells_them)
{
	static const struct {
		const char *quirk, *gray, *green;
	} cases[] = {
		{ "lower", "gray", "green" },
		{ "upper", "GRAY", "GREEN" },
		{ "long", "appStatusGray", "appStatusGreen" },
		{ "capitalized", "Gray", "Green" },
	};
	char request[64];
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		snprintf(request, sizeof(request),
			 "set vmxsim.quirk.statusWords %s", cases[i].quirk);
		CHECK(steer(request));
		status_is(cases[i].gray);
		CHECK_EQ(VMGuestAppMonitor_Enable(), ERR(SUCCESS));
		CHECK_EQ(VMGuestAppMonitor_MarkActive(), ERR(SUCCESS));
		status_is(cases[i].green);
		CHECK_EQ(VMGuestAppMonitor_Disable(), ERR(SUCCESS));
	}
}

/* When the status is gray, the application calls Enable again, as the SDK's guide says. */
KTAP_TEST(gray_after_a_vmotion)
{
	static const char *const quirks[] = { "refused", "accepted" };
	char request[64];
	size_t i;

	for (i = 0; i < COUNT(quirks); i++) {
		snprintf(request, sizeof(request),
			 "set vmxsim.quirk.grayBeat %s", quirks[i]);
		CHECK(steer(request));
		CHECK_EQ(VMGuestAppMonitor_Enable(), ERR(SUCCESS));
		CHECK_EQ(VMGuestAppMonitor_MarkActive(), ERR(SUCCESS));
		CHECK(steer("vmotion"));
		status_is("Gray");
		CHECK_EQ(VMGuestAppMonitor_Enable(), ERR(SUCCESS));
		CHECK_EQ(VMGuestAppMonitor_MarkActive(), ERR(SUCCESS));
		status_is("Green");
		CHECK_EQ(VMGuestAppMonitor_Disable(), ERR(SUCCESS));
	}
	CHECK(steer("set vmxsim.quirk.grayBeat"));
}

/*
 * Checks that each call except MarkActive fails with @error. MarkActive fails with another error,
 * because vSphere HA application monitoring is not enabled.
 */
static void check_all_fail(VMGuestAppMonitorLibError error, int wanted_errno)
{
	size_t i;

	for (i = 0; i < COUNT(calls); i++) {
		if (calls[i] == VMGuestAppMonitor_MarkActive)
			continue;
		errno = 0;
		CHECK_EQ(calls[i](), error);
		CHECK_EQ(errno, wanted_errno);
	}
	CHECK_EQ(VMGuestAppMonitor_IsEnabled(), 0);
	errno = 0;
	CHECK(!VMGuestAppMonitor_GetAppStatus());
	CHECK_EQ(errno, wanted_errno);
	CHECK(VMGuestAppMonitor_MarkActive());
}

KTAP_TEST(host_without_application_monitoring)
{
	CHECK(steer("set vmxsim.ha.known FALSE"));
	check_all_fail(ERR(NOT_SUPPORTED), EOPNOTSUPP);
	CHECK(steer("set vmxsim.ha.known"));
	CHECK(steer("set vmxsim.host 4.1"));
	CHECK_EQ(VMGuestAppMonitor_PostAppState("OK"), ERR(NOT_SUPPORTED));
	CHECK_EQ(VMGuestAppMonitor_Enable(), ERR(SUCCESS));
	CHECK_EQ(VMGuestAppMonitor_Disable(), ERR(SUCCESS));
	CHECK(steer("set vmxsim.host"));
}

/* Over the backdoor no sender is privileged, so the host refuses the requests. */
KTAP_TEST(host_that_refuses_unprivileged_senders)
{
	CHECK(choose_transport("backdoor"));
	CHECK(steer("set guest_rpc.rpci.auth.app.APP_MONITOR TRUE"));
	check_all_fail(ERR(OTHER), EPERM);
	CHECK(choose_transport("auto"));
	CHECK_EQ(VMGuestAppMonitor_Enable(), ERR(SUCCESS));
	CHECK_EQ(VMGuestAppMonitor_Disable(), ERR(SUCCESS));
	CHECK(steer("set guest_rpc.rpci.auth.app.APP_MONITOR"));
}

KTAP_TEST(host_that_refuses_a_second_disable)
{
	CHECK(steer("set vmxsim.quirk.disableTwice refused"));
	CHECK_EQ(VMGuestAppMonitor_Enable(), ERR(SUCCESS));
	CHECK_EQ(VMGuestAppMonitor_Disable(), ERR(SUCCESS));
	CHECK_EQ(VMGuestAppMonitor_Disable(), ERR(NOT_ENABLED));
	CHECK(steer("set vmxsim.quirk.disableTwice"));
}

/*
 * Makes all calls as a user in @group. Returns the number of calls that did not return
 * @wanted.
 */
static int as_user(gid_t group, VMGuestAppMonitorLibError wanted)
{
	int status, wrong = 0;
	size_t i;

	if (fork() == 0) {
		if (setgroups(1, &group) || setgid(UID) || setuid(UID))
			_exit(99);
		for (i = 0; i < COUNT(calls); i++)
			wrong += calls[i]() != wanted;
		_exit(wrong);
	}
	wait(&status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

KTAP_TEST(rights)
{
	CHECK_EQ(as_user(GROUP, ERR(SUCCESS)), 0);
	CHECK_EQ(as_user(UID, ERR(OTHER)), 0);
	CHECK(host_says("\"enabled\":false"));
}

/* Returns the number @key in the answer of the host to vmxsim.ha. */
static unsigned long long host_number(const char *key)
{
	unsigned long long number = 0;
	const char *json = ask_host(), *found = strstr(json, key);

	if (found)
		sscanf(found + strlen(key), "%llu", &number);
	return number;
}

static void *beat(void *failures)
{
	int i;

	for (i = 0; i < 100; i++) {
		*(int *)failures += VMGuestAppMonitor_MarkActive() != 0;
		*(int *)failures += VMGuestAppMonitor_IsEnabled() != 1;
	}
	return NULL;
}

static void note_alarm(int signal_number)
{
	(void)signal_number;
}

/* Many threads make calls at the same time, and signals interrupt the calls often. */
KTAP_TEST(threads_under_signals)
{
	const struct sigaction action = { .sa_handler = note_alarm };
	struct itimerval often = {
		.it_interval.tv_usec = 2000, .it_value.tv_usec = 2000,
	};
	int failures[4] = { 0 };
	pthread_t threads[4];
	sigset_t alarms;
	size_t i;

	CHECK(steer("ha clear"));
	CHECK_EQ(VMGuestAppMonitor_Enable(), ERR(SUCCESS));
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (i = 0; i < COUNT(threads); i++)
		pthread_create(&threads[i], NULL, beat, &failures[i]);
	/* Block the signal here, so that the other threads get it. */
	pthread_sigmask(SIG_BLOCK, &alarms, NULL);
	for (i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], NULL);
		CHECK_EQ(failures[i], 0);
	}
	often.it_value.tv_usec = 0;
	setitimer(ITIMER_REAL, &often, NULL);
	pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
	CHECK(host_number("\"beats\":") >= 400);
	CHECK_EQ(VMGuestAppMonitor_Disable(), ERR(SUCCESS));
}

KTAP_TEST(module_not_loaded)
{
	size_t i;

	CHECK_EQ(system("rmmod vmguestlib"), 0);
	for (i = 0; i < COUNT(calls); i++)
		CHECK_EQ(calls[i](), ERR(NOT_ENABLED));
	CHECK_EQ(VMGuestAppMonitor_IsEnabled(), 0);
	CHECK(!VMGuestAppMonitor_GetAppStatus());
	CHECK_EQ(system("modprobe vmguestlib"), 0);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(a_whole_session),
	KTAP_ENTRY(one_process_enables_and_another_beats),
	KTAP_ENTRY(application_states),
	KTAP_ENTRY(other_states_do_not_reach_the_host),
	KTAP_ENTRY(status_words_as_the_host_spells_them),
	KTAP_ENTRY(gray_after_a_vmotion),
	KTAP_ENTRY(host_without_application_monitoring),
	KTAP_ENTRY(host_that_refuses_unprivileged_senders),
	KTAP_ENTRY(host_that_refuses_a_second_disable),
	KTAP_ENTRY(rights),
	KTAP_ENTRY(threads_under_signals),
	KTAP_ENTRY(module_not_loaded),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
