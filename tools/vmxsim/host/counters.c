// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/counters.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const exit_names[EXIT_TYPES] = {
	[EXIT_OPEN] = "open",
	[EXIT_SENDSIZE] = "sendsize",
	[EXIT_SENDPAYLOAD] = "sendpayload",
	[EXIT_RECVSIZE] = "recvsize",
	[EXIT_RECVPAYLOAD] = "recvpayload",
	[EXIT_RECVSTATUS] = "recvstatus",
	[EXIT_CLOSE] = "close",
	[EXIT_MESSAGE_UNKNOWN] = "unknown",
	[EXIT_HB_OUT] = "out",
	[EXIT_HB_IN] = "in",
};

struct text {
	char *end;
	size_t left;	/* with the terminator */
	bool cut;
};

static void put(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text->end, text->left, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= text->left) {
		text->cut = true;
		return;
	}
	text->end += len;
	text->left -= (size_t)len;
}

static unsigned long long sum(const struct exit_counts *counts,
			      enum exit_type first, enum exit_type last)
{
	unsigned long long total = 0;
	int type;

	for (type = first; type <= (int)last; type++)
		total += counts->of[type];
	return total;
}

static void put_exits(struct text *text, const struct exit_counts *counts,
		      enum exit_type first, enum exit_type last)
{
	int type;

	for (type = first; type <= (int)last; type++)
		put(text, "\"%s\":%llu,", exit_names[type],
		    (unsigned long long)counts->of[type]);
	put(text, "\"total\":%llu}", sum(counts, first, last));
}

static void put_sockets(struct text *text, const struct vmci_counters *vmci)
{
	put(text, "\"sockets\":{\"connections\":%llu,\"refused\":%llu,"
	    "\"packets\":%llu,\"open\":%u},",
	    (unsigned long long)vmci->connections,
	    (unsigned long long)vmci->refused,
	    (unsigned long long)vmci->packets, vmci->open);
}

void counters_reset(struct counters *counters)
{
	unsigned int channels = counters->channels;
	unsigned int open = counters->vmci.open;

	memset(counters, 0, sizeof(*counters));
	counters->channels = channels;
	counters->vmci.open = open;
}

bool counters_json(const struct counters *counters, uint64_t faults, char *text,
		   size_t size)
{
	const struct exit_counts *guest = &counters->guest;
	struct text out = { text, size, false };

	put(&out, "{\"exits\":{\"lb\":{");
	put_exits(&out, guest, EXIT_OPEN, EXIT_MESSAGE_UNKNOWN);
	put(&out, ",\"hb\":{");
	put_exits(&out, guest, EXIT_HB_OUT, EXIT_HB_IN);
	put(&out, ",\"commands\":%llu},",
	    (unsigned long long)guest->of[EXIT_COMMAND]);
	put(&out, "\"requests\":{\"lb\":%llu,\"hb\":%llu,\"vmci\":%llu},",
	    (unsigned long long)counters->requests[TRANSPORT_LB],
	    (unsigned long long)counters->requests[TRANSPORT_HB],
	    (unsigned long long)counters->requests[TRANSPORT_VMCI]);
	put(&out, "\"request_bytes\":%llu,\"reply_bytes\":%llu,",
	    (unsigned long long)counters->request_bytes,
	    (unsigned long long)counters->reply_bytes);
	put(&out, "\"refused\":%llu,\"checkpoints\":%llu,\"faults\":%llu,",
	    (unsigned long long)counters->refused,
	    (unsigned long long)counters->checkpoints,
	    (unsigned long long)faults);
	put(&out, "\"channels\":%u,", counters->channels);
	put_sockets(&out, &counters->vmci);
	put(&out, "\"steering\":{\"exits\":%llu,\"packets\":%llu}}",
	    sum(&counters->steering, EXIT_OPEN, EXIT_HB_IN),
	    (unsigned long long)counters->vmci.steering_packets);
	return !out.cut;
}
