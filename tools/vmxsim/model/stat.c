// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "model/stat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"
#include "config/config_keys.h"
#include "config/devices.h"
#include "model/metric.h"
#include "model/model.h"

static void write_list(struct writer *writer, const struct config *config)
{
	char device[DEVICE_NAME_SIZE], name[DEVICE_NAME_SIZE + 8];
	size_t cursor;

	list_name(writer, "session");
	list_name(writer, "host");
	list_name(writer, "resources");
	for (cursor = 0; next_disk(config, &cursor, device); ) {
		snprintf(name, sizeof(name), "vscsi %s", device);
		list_name(writer, name);
	}
	for (cursor = 0; next_adapter(config, &cursor, device); ) {
		snprintf(name, sizeof(name), "vnet %s", device);
		list_name(writer, name);
	}
}

/* Writes sixteen bytes in the form of ESXi, regardless of their form in the file. */
static void metric_uuid(struct writer *writer, const char *name,
			const char *value)
{
	uint8_t bytes[16];
	char text[16 * 3 + 1];
	size_t i;

	parse_bytes(value, bytes, sizeof(bytes));
	for (i = 0; i < sizeof(bytes); i++)
		sprintf(text + 3 * i, "%02x%c", bytes[i], i == 7 ? '-' : ' ');
	text[16 * 3 - 1] = '\0';
	metric_text(writer, name, text);
}

static void write_session(struct writer *writer, const struct config *config,
			  const struct sample *sample)
{
	const char *version = config_str(config, "vmxsim.host.version");
	char session[24];

	if (config_is(config, "vmxsim.quirk.sessionText", "signed"))
		snprintf(session, sizeof(session), "%" PRId64, (int64_t)sample->session);
	else
		snprintf(session, sizeof(session), "%" PRIu64, sample->session);
	metric_text(writer, "session", session);
	metric(writer, "uptime", METRIC_ACCUMULATE, "us", sample->uptime_us);
	metric_text(writer, "version",
		    *version ? version : model_preset(config)->version);
	metric_text(writer, "provider",
		    config_str(config, "tools.guestlib.stat.provider"));
	metric_uuid(writer, "uuid.bios", config_str(config, "uuid.bios"));
}

static void write_host(struct writer *writer, const struct config *config,
		       const struct sample *sample)
{
	uint64_t packages = config_u64(config, "vmxsim.host.packages");

	metric(writer, "host.cpu.processorMHz", METRIC_STATIC, "MHz",
	       sample->host_mhz);
	metric(writer, "host.cpu.coresPerPkg", METRIC_STATIC, "cores",
	       config_u64(config, "vmxsim.host.cores") / packages);
	if (!model_host_info(config))
		return;
	metric(writer, "host.cpu.packages", METRIC_STATIC, "packages", packages);
	metric(writer, "host.cpu.cores", METRIC_STATIC, "cores",
	       sample->wire[WIRE_HOST_CPU_NUM_CORES].value);
	metric(writer, "host.cpu.threads", METRIC_STATIC, "threads",
	       config_u64(config, "vmxsim.host.threads"));
	metric_text(writer, "host.dmi.product",
		    config_str(config, "vmxsim.host.dmi.product"));
	metric_text(writer, "host.dmi.vendor",
		    config_str(config, "vmxsim.host.dmi.vendor"));
}

static void write_resources(struct writer *writer, const struct sample *sample)
{
	metric(writer, "vm.cpu.reserved", METRIC_STATIC, "MHz",
	       sample->cpu_reserved_mhz);
	metric_limit(writer, "vm.cpu.limit", "MHz", sample->cpu_limit_mhz);
	metric(writer, "vm.cpu.used", METRIC_ACCUMULATE, "us",
	       sample->used_us);
	metric(writer, "vm.cpu.contention.cpu", METRIC_ACCUMULATE, "us",
	       sample->contention_us);
	metric(writer, "vm.cpu.contention.mem", METRIC_ACCUMULATE, "us",
	       sample->swap_wait_us);
	metric(writer, "vm.numa.local", METRIC_INSTANT, "KB",
	       sample->numa_local_kb);
	metric(writer, "vm.numa.remote", METRIC_INSTANT, "KB",
	       sample->numa_remote_kb);
	metric(writer, "guest.mem.reserved", METRIC_STATIC, "KB",
	       sample->reserved_kb);
	metric_limit(writer, "guest.mem.limit", "KB", sample->mem_limit_kb);
	metric(writer, "guest.mem.mapped", METRIC_INSTANT, "KB",
	       sample->mapped_kb);
	metric(writer, "guest.mem.consumed", METRIC_INSTANT, "KB",
	       sample->consumed_kb);
	metric(writer, "guest.mem.swapped", METRIC_INSTANT, "KB",
	       sample->swapped_kb);
	metric(writer, "guest.mem.ballooned", METRIC_INSTANT, "KB",
	       sample->ballooned_kb);
	metric(writer, "guest.mem.swapIn", METRIC_ACCUMULATE, "KB",
	       sample->swap_in_kb);
	metric(writer, "guest.mem.swapOut", METRIC_ACCUMULATE, "KB",
	       sample->swap_out_kb);
	metric(writer, "ovhd.mem.swapped", METRIC_INSTANT, "KB",
	       sample->overhead_swapped_kb);
	metric(writer, "ovhd.mem.swapIn", METRIC_ACCUMULATE, "KB",
	       sample->overhead_in_kb);
	metric(writer, "ovhd.mem.swapOut", METRIC_ACCUMULATE, "KB",
	       sample->overhead_out_kb);
}

static void write_disk(struct writer *writer, const struct disk_sample *disk)
{
	metric(writer, "num.reads", METRIC_ACCUMULATE, "commands", disk->reads);
	metric(writer, "num.writes", METRIC_ACCUMULATE, "commands",
	       disk->writes);
	metric(writer, "size.reads", METRIC_ACCUMULATE, "bytes",
	       disk->read_bytes);
	metric(writer, "size.writes", METRIC_ACCUMULATE, "bytes",
	       disk->written_bytes);
	metric(writer, "latency.reads", METRIC_ACCUMULATE, "us",
	       disk->read_us);
	metric(writer, "latency.writes", METRIC_ACCUMULATE, "us",
	       disk->write_us);
}

/* There is no reservation and no limit, because a standard switch does not regulate bandwidth. */
static void write_adapter(struct writer *writer, const struct net_sample *net)
{
	metric(writer, "num.tx", METRIC_ACCUMULATE, "packets", net->sent);
	metric(writer, "size.tx", METRIC_ACCUMULATE, "bytes", net->sent_bytes);
	metric(writer, "num.rx", METRIC_ACCUMULATE, "packets", net->received);
	metric(writer, "size.rx", METRIC_ACCUMULATE, "bytes",
	       net->received_bytes);
	metric(writer, "reservation", METRIC_STATIC, "MBps", 0);
	metric_limit(writer, "limit", "MBps", SAMPLE_UNLIMITED);
}

typedef bool (*next_device)(const struct config *config, size_t *cursor,
			    char name[DEVICE_NAME_SIZE]);

/* Finds a device by name without case; @name receives the host's spelling. */
static bool find_device(const struct config *config, next_device next,
			const char *wanted, char name[DEVICE_NAME_SIZE])
{
	size_t cursor = 0;

	while (next(config, &cursor, name))
		if (!strcasecmp(name, wanted))
			return true;
	return false;
}

static bool write_stat(struct writer *writer, const struct config *config,
		       const struct model *model, const char *stat,
		       const char *device)
{
	char name[DEVICE_NAME_SIZE];
	struct disk_sample disk;
	struct net_sample net;
	struct sample sample;

	if (!strcmp(stat, "vscsi") &&
	    find_device(config, next_disk, device, name)) {
		model_disk(model, name, &disk);
		write_disk(writer, &disk);
		return true;
	}
	if (!strcmp(stat, "vnet") &&
	    find_device(config, next_adapter, device, name)) {
		model_net(model, name, &net);
		write_adapter(writer, &net);
		return true;
	}
	if (*device)
		return false;
	model_sample(model, &sample);
	if (!strcmp(stat, "session"))
		write_session(writer, config, &sample);
	else if (!strcmp(stat, "host"))
		write_host(writer, config, &sample);
	else if (!strcmp(stat, "resources"))
		write_resources(writer, &sample);
	else
		return false;
	return true;
}

/* The words of a request.  A word that is missing is "". */
struct words {
	const char *encoding, *stat, *device;
	bool too_many;
};

static const char *next_word(char **save)
{
	const char *word = strtok_r(NULL, " ", save);

	return word ? word : "";
}

/*
 * A request without an encoding still has the blank that follows the encoding.  After two
 * blanks, the first word is therefore the name of a statistic, unless it is a known encoding.
 */
static void split(char *arguments, struct words *words)
{
	bool left_out = *arguments == ' ';
	char *save = NULL;
	const char *first = strtok_r(arguments, " ", &save);

	words->encoding = "";
	words->stat = first ? first : "";
	if (first && (!left_out || encoding_find(first) != ENCODING_UNKNOWN)) {
		words->encoding = first;
		words->stat = next_word(&save);
	}
	words->device = next_word(&save);
	words->too_many = *next_word(&save);
}

static bool refuse(FILE *out, const struct config *config, const char *quirk)
{
	fputs(config_str(config, quirk), out);
	return false;
}

static bool answer(FILE *out, const struct config *config,
		   const struct model *model, const struct words *words)
{
	enum encoding encoding = encoding_find(words->encoding);
	struct writer writer;
	bool list = !*words->stat;

	if (!*words->encoding &&
	    config_is(config, "vmxsim.quirk.emptyEncoding", "text"))
		encoding = ENCODING_TEXT;
	if (encoding == ENCODING_UNKNOWN)
		return refuse(out, config, "vmxsim.quirk.unknownEncodingText");

	writer_begin(&writer, out, encoding, list, model->session,
		     config_is(config, "vmxsim.quirk.statLayout", "lines"));
	if (list) {
		write_list(&writer, config);
	} else if (words->too_many ||
		   !write_stat(&writer, config, model, words->stat,
			       words->device)) {
		return refuse(out, config, "vmxsim.quirk.unknownStatText");
	}
	writer_end(&writer, config_bool(config, "vmxsim.quirk.finalNewline"));
	return true;
}

bool stat_get(FILE *out, const struct config *config,
	      const struct model *model, const char *arguments, size_t len)
{
	char *copy = strndup(arguments, len);
	struct words words;
	bool served;

	if (!copy) {
		fputs("Out of memory", out);
		return false;
	}
	split(copy, &words);
	/* No name contains a NUL. */
	if (strnlen(arguments, len) < len)
		words.too_many = true;
	served = answer(out, config, model, &words);
	free(copy);
	return served;
}
