// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * commands ROW SIDE COMMAND [SIDE COMMAND]...: measures each COMMAND from fork to exit. The
 * words of a COMMAND are separated by spaces.
 * commands --server ROW SIDE PID COMMAND: measures the CPU time of the process PID while
 * COMMAND runs.
 */

#include "bench.h"

#define SAMPLES		20
#define WORDS		16

static void run(char *command)
{
	char *words[WORDS + 1] = { NULL }, *word;
	pid_t child = fork();
	int status, count = 0;

	require(child >= 0, "fork");
	if (!child) {
		dup2(open("/dev/null", O_RDWR), STDOUT_FILENO);
		for (word = strtok(command, " "); word && count < WORDS;
		     word = strtok(NULL, " "))
			words[count++] = word;
		execvp(words[0], words);
		_exit(127);
	}
	require(waitpid(child, &status, 0) == child && !status, command);
}

static double cpu_ns(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	require(!clock_getcpuclockid(pid, &clock) && !clock_gettime(clock, &used),
		"clock of the server");
	return used.tv_sec * NS_PER_S + used.tv_nsec;
}

static void measure_server(const char *row, const char *side, pid_t pid,
			   char *command)
{
	double times[SAMPLES], before;
	size_t i;

	run(command);
	for (i = 0; i < SAMPLES; i++) {
		before = cpu_ns(pid);
		run(command);
		times[i] = cpu_ns(pid) - before;
	}
	report_times(row, side, times, SAMPLES);
}

int main(int argc, char **argv)
{
	double times[8][SAMPLES];
	int i, side, sides = (argc - 2) / 2;

	if (argc == 6 && !strcmp(argv[1], "--server")) {
		measure_server(argv[2], argv[3], atoi(argv[4]), argv[5]);
		return 0;
	}
	if (argc < 4 || argc % 2 || sides > 8)
		return 2;
	for (i = -1; i < SAMPLES; i++)
		for (side = 0; side < sides; side++) {
			uint64_t start = now_ns();

			run(argv[3 + 2 * side]);
			/* The first run does not count, because its caches are cold. */
			if (i >= 0)
				times[side][i] = now_ns() - start;
		}
	for (side = 0; side < sides; side++)
		report_times(argv[1], argv[2 + 2 * side], times[side], SAMPLES);
	return 0;
}
