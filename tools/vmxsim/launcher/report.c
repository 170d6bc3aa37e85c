// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Finds the kernel's reports of its own faults in a console log.
 *
 * A pattern is compared with the start of a message, after the time stamp, because a program
 * may write "BUG:" in the middle of a line.  A message begins at the start of a line, or at a
 * time stamp that follows what a program has written without a newline.
 */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/report.h"

#define STAMP	"\\[ *[0-9]+\\.[0-9]+\\](\\[ *[TC][0-9]+\\])? "

static const char * const report_patterns[] = {
	"-+\\[ cut here \\]-+",				/* WARN, BUG, UBSAN */
	"WARNING: CPU: [0-9]+ PID: [0-9]+ at ",
	"WARNING: (possible|suspicious|inconsistent|bad|nested|lock held|held lock)",
	"WARNING: (at|in|stack) ",
	"BUG: ",		/* KASAN, KFENCE, page faults, atomic sleeps */
	"kernel BUG at ",
	"Oops: ",
	".*: [0-9a-f]{4} \\[#[0-9]+\\]",
	"Kernel panic - not syncing",
	"INFO: (task|trying to register|possible|suspicious|lockdep is) ",
	"(rcu: )?INFO: rcu[a-z_]* .*(stall|kthread)",
	"watchdog: (BUG|Watchdog detected)",
	"refcount_t: ",
	"UBSAN: ",
	"(KASAN|KCSAN|KMSAN|KFENCE): ",
	"kmemleak: [0-9]+ new suspected memory leaks",
	/* A checker that has disabled itself finds no later fault. */
	"kmemleak: Cannot (allocate a kmemleak_object|insert 0x)",
	"turning off the locking correctness validator",
	"sysfs: cannot create duplicate filename",
	"ODEBUG: ",
	"[^ ]+: page allocation failure: ",
};

/* Returns the line from its first time stamp on, or the whole line if it has none. */
static const char *message_of(const regex_t *stamp, const char *line)
{
	regmatch_t found;

	return regexec(stamp, line, 1, &found, 0) ? line : line + found.rm_so;
}

static int compile_patterns(regex_t *re)
{
	const size_t count = sizeof(report_patterns) / sizeof(report_patterns[0]);
	char all[4096];
	size_t len, i;

	len = snprintf(all, sizeof(all), "^(" STAMP ")?(");
	for (i = 0; i < count; i++)
		len += snprintf(all + len, sizeof(all) - len, "%s%s",
				i ? "|" : "", report_patterns[i]);
	snprintf(all + len, sizeof(all) - len, ")");
	return regcomp(re, all, REG_EXTENDED | REG_NOSUB);
}

bool report_found(const char *console, char *line, size_t size)
{
	bool found = false;
	char *text_line = NULL;
	size_t room = 0;
	regex_t re, stamp;
	FILE *log;

	log = fopen(console, "re");
	if (!log)
		return false;
	if (compile_patterns(&re) || regcomp(&stamp, STAMP, REG_EXTENDED)) {
		fclose(log);
		snprintf(line, size, "bad pattern");
		return true;
	}
	while (!found && getline(&text_line, &room, log) >= 0) {
		text_line[strcspn(text_line, "\r\n")] = '\0';
		found = regexec(&re, text_line, 0, NULL, 0) == 0 ||
			regexec(&re, message_of(&stamp, text_line), 0, NULL, 0) == 0;
	}
	if (found)
		snprintf(line, size, "%s", text_line);
	free(text_line);
	regfree(&re);
	regfree(&stamp);
	fclose(log);
	return found;
}
