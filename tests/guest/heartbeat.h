/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Functions for the test programs that concern heartbeats: requests of /dev/vmguestlib, files
 * in sysfs, and requests that control the virtual host or read the log of its HA agent.
 */
#ifndef HEARTBEAT_H
#define HEARTBEAT_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/vmguestlib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "rpc.h"

#define STOP		VMGUESTLIB_HEARTBEAT_STOP
#define NEED_RESET	VMGUESTLIB_HEARTBEAT_NEED_RESET

/* Times in ns */
#define MS		UINT64_C(1000000)
#define SECOND		(1000 * MS)

/* --- the device: requests return 0 or a positive error number ------------------- */

static inline int open_device(int mode)
{
	int fd = open(DEVICE, mode | O_CLOEXEC);

	if (fd < 0) {
		printf("Bail out! " DEVICE ": %s\n", strerror(errno));
		exit(1);
	}
	return fd;
}

static inline int request(int fd, unsigned long number, void *arg)
{
	return ioctl(fd, number, arg) ? errno : 0;
}

static inline int arm_flags(int fd, const char *name, uint32_t deadline_ms,
			    uint32_t action, uint32_t flags)
{
	struct vmguestlib_heartbeat_arm arm = {
		.size = sizeof(arm),
		.flags = flags,
		.deadline_ms = deadline_ms,
		.action = action,
	};
	size_t len = strlen(name);

	memcpy(arm.name, name, len < sizeof(arm.name) ? len : sizeof(arm.name));
	return request(fd, VMGUESTLIB_IOC_HEARTBEAT_ARM, &arm);
}

static inline int arm(int fd, const char *name, uint32_t deadline_ms,
		      uint32_t action)
{
	return arm_flags(fd, name, deadline_ms, action, 0);
}

static inline int beat(int fd)
{
	struct vmguestlib_heartbeat arg = { .size = sizeof(arg) };

	return request(fd, VMGUESTLIB_IOC_HEARTBEAT_BEAT, &arg);
}

static inline int disarm(int fd)
{
	struct vmguestlib_heartbeat arg = { .size = sizeof(arg) };

	return request(fd, VMGUESTLIB_IOC_HEARTBEAT_DISARM, &arg);
}

/*
 * Returns the state of the file's client, or UINT32_MAX if the request fails. The time left to
 * the deadline is stored at @remaining_ms, if that is not NULL.
 */
static inline uint32_t query(int fd, uint32_t *remaining_ms)
{
	struct vmguestlib_heartbeat arg = { .size = sizeof(arg) };

	if (request(fd, VMGUESTLIB_IOC_HEARTBEAT_QUERY, &arg))
		arg.out_state = UINT32_MAX;
	if (remaining_ms)
		*remaining_ms = arg.out_remaining_ms;
	return arg.out_state;
}

static inline uint32_t state(int fd)
{
	return query(fd, NULL);
}

static inline int clear(int fd, const char *name)
{
	struct vmguestlib_heartbeat_clear arg = { .size = sizeof(arg) };
	size_t len = strlen(name);

	memcpy(arg.name, name, len < sizeof(arg.name) ? len : sizeof(arg.name));
	return request(fd, VMGUESTLIB_IOC_HEARTBEAT_CLEAR, &arg);
}

/*
 * Returns the number of clients, or UINT32_MAX if the request fails. At most @room of them are
 * stored at @clients.
 */
static inline uint32_t list_clients(int fd,
				    struct vmguestlib_heartbeat_client *clients,
				    uint32_t room)
{
	struct vmguestlib_heartbeat_list arg = {
		.size = sizeof(arg),
		.clients = (uintptr_t)clients,
		.clients_len = room,
	};

	if (request(fd, VMGUESTLIB_IOC_HEARTBEAT_LIST, &arg))
		return UINT32_MAX;
	return arg.clients_len;
}

/*
 * Makes the request of a call of the SDK. @text is NULL, or has the argument and gets the
 * result.
 */
static inline int appmon(int fd, uint32_t op, char *text)
{
	struct vmguestlib_appmon arg = { .size = sizeof(arg), .op = op };
	int error;

	if (text)
		snprintf(arg.text, sizeof(arg.text), "%s", text);
	error = request(fd, VMGUESTLIB_IOC_APPMON, &arg);
	if (!error && text)
		strcpy(text, arg.text);
	return error;
}

/* Posts the application state @word. */
static inline int post(int fd, const char *word)
{
	char text[VMGUESTLIB_APPMON_TEXT_SIZE];

	strcpy(text, word);
	return appmon(fd, VMGUESTLIB_APPMON_POST_STATE, text);
}

/* Reads the extended statistic "session". Each call makes a request to the host. */
static inline int ask_session(int fd)
{
	char reply[512];
	struct vmguestlib_stat_get get = {
		.size = sizeof(get),
		.encoding = (uintptr_t)"text",
		.encoding_len = strlen("text"),
		.stat = (uintptr_t)"session",
		.stat_len = strlen("session"),
		.reply = (uintptr_t)reply,
		.reply_len = sizeof(reply),
	};

	return request(fd, VMGUESTLIB_IOC_STAT_GET, &get);
}

/* --- files ---------------------------------------------------------------------- */

/* Returns the content of a file in sysfs without the newline, or the text of the error. */
static inline const char *file_text(const char *name)
{
	static char text[4096];
	char path[256];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), SYSFS "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (len < 0)
		snprintf(text, sizeof(text), "%s", strerror(errno));
	else
		text[len && text[len - 1] == '\n' ? len - 1 : len] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

/* Writes to a file in sysfs. Returns 0 or the error number. */
static inline int file_write(const char *name, const char *text)
{
	char path[256];
	int error, fd;

	snprintf(path, sizeof(path), SYSFS "%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	error = write(fd, text, strlen(text)) < 0 ? errno : 0;
	close(fd);
	return error;
}

/* --- the host ------------------------------------------------------------------- */

static char host_reply[65536];

/*
 * Sends the request vmxsim.@what to the virtual host. The answer is in host_reply. This function
 * is faster than steer(), because it starts no program.
 */
static inline bool host(const char *what)
{
	char text[640];

	snprintf(text, sizeof(text), "vmxsim.%s", what);
	if (rpc_ask(text, host_reply, sizeof(host_reply)))
		return true;
	printf("# the host refuses %s: %s\n", text, host_reply);
	return false;
}

/* Sets a key of the virtual host. If @value is NULL, the key gets its default. */
static inline bool host_set(const char *key, const char *value)
{
	char text[512];

	snprintf(text, sizeof(text), "set %s%s%s", key, value ? " " : "",
		 value ? value : "");
	return host(text);
}

/* Returns the number @name in the last answer to vmxsim.ha or vmxsim.counters. */
static inline uint64_t said(const char *name)
{
	char key[64], *at;

	snprintf(key, sizeof(key), "\"%s\":", name);
	at = strstr(host_reply, key);
	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

/* Returns the number @name of the HA agent's state, from a new request. */
static inline uint64_t ha(const char *name)
{
	return host("ha") ? said(name) : 0;
}

/* Returns the time of the host, in ns. */
static inline uint64_t host_now(void)
{
	return ha("now_ns");
}

/* Returns the word or truth value @name of the HA agent's state, without quotes. */
static inline const char *ha_word(const char *name)
{
	static char word[64];
	char key[64], *at;

	word[0] = '\0';
	snprintf(key, sizeof(key), "\"%s\":", name);
	if (host("ha") && (at = strstr(host_reply, key))) {
		at += strlen(key);
		at += *at == '"';
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(at, "\","), at);
	}
	return word;
}

/*
 * Returns how often @event is in the HA agent's log since @from, a time of the host. The time
 * of the first such event is stored at @first, if that is not NULL.
 */
static inline unsigned int ha_events(const char *event, uint64_t from,
				     uint64_t *first)
{
	unsigned int count = 0;
	char wanted[64], *at;
	uint64_t ns;

	if (!host("ha"))
		return 0;
	snprintf(wanted, sizeof(wanted), ",\"event\":\"%s\"", event);
	for (at = host_reply; (at = strstr(at, "{\"t_ns\":")); at++) {
		ns = strtoull(at + strlen("{\"t_ns\":"), NULL, 10);
		if (ns < from || strncmp(strchr(at, ','), wanted, strlen(wanted)))
			continue;
		if (!count++ && first)
			*first = ns;
	}
	return count;
}

/* Returns the number of open channels at the host, without the channel of this request. */
static inline uint64_t channels(void)
{
	return host("counters") ? said("channels") - 1 : UINT64_MAX;
}

/* --- time ----------------------------------------------------------------------- */

static inline void sleep_ms(unsigned int ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/*
 * Returns whether vSphere HA application monitoring is disabled at the host, or becomes disabled
 * within 10 s. If a Disable has failed, the module sends Disable again after a delay.
 */
static inline bool host_is_disabled(void)
{
	int i;

	for (i = 0; i < 100; i++) {
		if (!strcmp(ha_word("enabled"), "false"))
			return true;
		sleep_ms(100);
	}
	return false;
}

/* --- the module ------------------------------------------------------------------- */

/*
 * Unloads the module. Returns 0 or the error number. The module may be in use for a short time
 * after the last close(), so this function tries again for up to 10 s.
 */
static inline int unload_module(void)
{
	int err = EAGAIN, i;

	for (i = 0; i < 1000 && err == EAGAIN; i++) {
		err = syscall(SYS_delete_module, "vmguestlib", O_NONBLOCK) ? errno : 0;
		if (err)
			sleep_ms(10);
	}
	return err;
}

#endif
