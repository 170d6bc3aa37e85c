// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GENERATIONS_MAX	100
#define USERS_MAX	64
#define PROCESSES_MAX	4096

struct process {
	pid_t parent;
	uid_t real, effective;
};

/* /proc may be missing, or belong to another PID namespace. */
static bool proc_is_ours(void)
{
	char text[32];
	ssize_t len = readlink("/proc/self", text, sizeof(text) - 1);

	if (len < 0)
		return false;
	text[len] = '\0';
	return atoi(text) == getpid();
}

/* Reads the users in the file: the folder's owner is root if the process is not traceable. */
static bool process_read(pid_t pid, struct process *process)
{
	char path[64], line[128];
	unsigned int real = 0, effective = 0;
	int parent = -1, found = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (found < 2 && fgets(line, sizeof(line), file)) {
		found += sscanf(line, "PPid: %d", &parent) == 1;
		found += sscanf(line, "Uid: %u %u", &real, &effective) == 2;
	}
	fclose(file);
	process->parent = parent;
	process->real = real;
	process->effective = effective;
	return found == 2;
}

enum unit_place unit_place(pid_t pid)
{
	struct process process;
	int generations;

	if (pid <= 0 || !proc_is_ours())
		return UNIT_UNKNOWN;
	for (generations = 0; generations < GENERATIONS_MAX; generations++) {
		if (!process_read(pid, &process))
			return UNIT_UNKNOWN;
		if (process.parent == getpid())
			return UNIT_INSIDE;
		/* A process that is reaped at that moment has no parent either. */
		if (process.parent <= 0)
			return kill(pid, 0) && errno == ESRCH ? UNIT_UNKNOWN :
								UNIT_OUTSIDE;
		pid = process.parent;
	}
	return UNIT_UNKNOWN;
}

/* --- users ------------------------------------------------------------------------ */

static uid_t users[USERS_MAX];
static size_t users_len;

static bool is_known(uid_t uid)
{
	size_t i;

	for (i = 0; i < users_len; i++)
		if (users[i] == uid)
			return true;
	return false;
}

void unit_add_user(uid_t uid)
{
	if (!is_known(uid) && users_len < USERS_MAX)
		users[users_len++] = uid;
}

/* Adds the children of each thread of PID to the list of processes to examine. */
static void add_children(pid_t pid, pid_t *pids, size_t *len)
{
	char path[320];
	struct dirent *thread;
	DIR *threads;
	FILE *file;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	while (threads && (thread = readdir(threads))) {
		snprintf(path, sizeof(path), "/proc/%d/task/%s/children", (int)pid,
			 thread->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		while (*len < PROCESSES_MAX && fscanf(file, "%d", &child) == 1)
			pids[(*len)++] = child;
		fclose(file);
	}
	if (threads)
		closedir(threads);
}

static void look_at_users(void)
{
	static pid_t pids[PROCESSES_MAX];
	struct process process;
	size_t len = 0, i;

	add_children(getpid(), pids, &len);
	for (i = 0; i < len; i++) {
		if (process_read(pids[i], &process)) {
			unit_add_user(process.real);
			unit_add_user(process.effective);
		}
		add_children(pids[i], pids, &len);
	}
}

/* The processes are read once a second at most, also during a flood of messages. */
bool unit_has_user(uid_t uid)
{
	static time_t looked = -1;
	struct timespec now;

	if (uid == getuid() || uid == geteuid() || is_known(uid))
		return true;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec == looked)
		return false;
	looked = now.tv_sec;
	look_at_users();
	return is_known(uid);
}

/* --- the freezer ------------------------------------------------------------------- */

#define PATH_SIZE	4096

/*
 * Finds the place where a hierarchy is mounted: the unified hierarchy for "cgroup2", the
 * freezer's old hierarchy for "cgroup".
 */
static bool find_mount(const char *type, char root[PATH_SIZE], char point[PATH_SIZE])
{
	char line[2 * PATH_SIZE], *rest, kind[32];
	FILE *file = fopen("/proc/self/mountinfo", "re");
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		rest = strstr(line, " - ");
		found = rest && sscanf(rest, " - %31s", kind) == 1 &&
			!strcmp(kind, type) &&
			(strcmp(type, "cgroup") || strstr(rest, "freezer")) &&
			sscanf(line, "%*s %*s %*s %4095s %4095s", root, point) == 2;
	}
	if (file)
		fclose(file);
	return found;
}

/* Finds the path of PID in this hierarchy. */
static bool find_group(pid_t pid, const char *type, char group[PATH_SIZE])
{
	char path[64], line[PATH_SIZE + 64], *controllers, *end;
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		controllers = strchr(line, ':');
		end = controllers ? strchr(++controllers, ':') : NULL;
		if (!end)
			continue;
		*end = '\0';
		found = strcmp(type, "cgroup") ? !*controllers :
			!!strstr(controllers, "freezer");
		snprintf(group, PATH_SIZE, "%.*s", (int)strcspn(end + 1, "\n"), end + 1);
	}
	if (file)
		fclose(file);
	return found;
}

/* Whether the file NAME of the group has a line that begins with WORD or OTHER */
static bool group_says(pid_t pid, const char *type, const char *name, const char *word,
		       const char *other)
{
	char root[PATH_SIZE], point[PATH_SIZE], group[PATH_SIZE], line[128];
	char path[2 * PATH_SIZE + 64];
	bool found = false;
	size_t skip;
	FILE *file;

	if (!find_group(pid, type, group) || !find_mount(type, root, point))
		return false;
	skip = strcmp(root, "/") && !strncmp(group, root, strlen(root)) ?
		strlen(root) : 0;
	snprintf(path, sizeof(path), "%s%s/%s", point, group + skip, name);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, word, strlen(word)) ||
			!strncmp(line, other, strlen(other));
	if (file)
		fclose(file);
	return found;
}

bool unit_is_frozen(pid_t pid)
{
	if (!proc_is_ours())
		return false;
	return group_says(pid, "cgroup2", "cgroup.events", "frozen 1", "frozen 1") ||
	       group_says(pid, "cgroup", "freezer.state", "FROZEN", "FREEZING");
}
