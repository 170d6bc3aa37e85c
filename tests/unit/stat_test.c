// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Compares the extended statistics in their four encodings with the examples of the
 * vSphere Guest SDK.
 *
 * Links: tools/vmxsim/host
 */
#include <ctype.h>
#include <inttypes.h>

#include "host_fixture.h"

#define MAC	"00:0c:29:1e:23:f3"

static const char *stat_get(struct fixture *fixture, const char *arguments)
{
	char request[300];

	snprintf(request, sizeof(request), "guestlib.stat.get %s", arguments);
	return ask(fixture, request);
}

/* Replaces digits by '#', so that layouts are compared without their values. */
static const char *layout(const char *reply)
{
	static char text[8192];
	size_t len = 0;

	for (; *reply && len < sizeof(text) - 1; reply++) {
		if (!isdigit((unsigned char)*reply))
			text[len++] = *reply;
		else if (!len || text[len - 1] != '#')
			text[len++] = '#';
	}
	text[len] = '\0';
	return text;
}

/* Returns the number after "name = " in a text, or UINT64_MAX if there is none. */
static uint64_t number(const char *reply, const char *name)
{
	char line[64];
	const char *found;

	snprintf(line, sizeof(line), "\n%s = ", name);
	found = strstr(reply, line);
	if (!found) {
		snprintf(line, sizeof(line), "1 %s = ", name);
		found = strncmp(reply, line, strlen(line)) ? NULL : reply;
	}
	return found ? strtoull(found + strlen(line), NULL, 10) : UINT64_MAX;
}

/* Examples 3-4 to 3-7 of the guide, without the line breaks of its layout */
KTAP_TEST(the_guides_adapter)
{
	struct fixture fixture;

	FIXTURE(&fixture, "ethernet0.present=TRUE");
	advance(&fixture, 60000);
	CHECK_STR(layout(stat_get(&fixture, "text vnet " MAC)),
		  "# num.tx = #\nsize.tx = #\nnum.rx = #\nsize.rx = #\n"
		  "reservation = #\nlimit = -#\n");
	CHECK_STR(layout(stat_get(&fixture, "yaml vnet " MAC)),
		  "# num.tx:\n  type: accumulate\n  units: packets\n  value: #\n"
		  "size.tx:\n  type: accumulate\n  units: bytes\n  value: #\n"
		  "num.rx:\n  type: accumulate\n  units: packets\n  value: #\n"
		  "size.rx:\n  type: accumulate\n  units: bytes\n  value: #\n"
		  "reservation:\n  type: static\n  units: MBps\n  value: #\n"
		  "limit:\n  type: static\n  units: MBps\n  value: -#\n");
	CHECK_STR(layout(stat_get(&fixture, "xml vnet " MAC)),
		  "# <metrics session=\"#\">"
		  "<metric name=\"num.tx\" type=\"accumulate\" units=\"packets\">#</metric>"
		  "<metric name=\"size.tx\" type=\"accumulate\" units=\"bytes\">#</metric>"
		  "<metric name=\"num.rx\" type=\"accumulate\" units=\"packets\">#</metric>"
		  "<metric name=\"size.rx\" type=\"accumulate\" units=\"bytes\">#</metric>"
		  "<metric name=\"reservation\" type=\"static\" units=\"MBps\">#</metric>"
		  "<metric name=\"limit\" type=\"static\" units=\"MBps\">-#</metric>"
		  "</metrics>");
	CHECK_STR(layout(stat_get(&fixture, "json vnet " MAC)),
		  "# {\"num.tx\":{\"type\":\"accumulate\",\"units\":\"packets\",\"value\":#},"
		  "\"size.tx\":{\"type\":\"accumulate\",\"units\":\"bytes\",\"value\":#},"
		  "\"num.rx\":{\"type\":\"accumulate\",\"units\":\"packets\",\"value\":#},"
		  "\"size.rx\":{\"type\":\"accumulate\",\"units\":\"bytes\",\"value\":#},"
		  "\"reservation\":{\"type\":\"static\",\"units\":\"MBps\",\"value\":#},"
		  "\"limit\":{\"type\":\"static\",\"units\":\"MBps\",\"value\":-#}}");
	CHECK(strstr(ask(&fixture, "guestlib.stat.get text vnet " MAC),
		     "limit = -1\n"));
	fixture_stop(&fixture);
}

KTAP_TEST(layout_in_lines)
{
	struct fixture fixture;

	FIXTURE(&fixture, "ethernet0.present=TRUE",
		"vmxsim.quirk.statLayout=lines",
		"vmxsim.quirk.finalNewline=FALSE");
	CHECK_STR(layout(stat_get(&fixture, "xml host")),
		  "# <metrics session=\"#\">\n"
		  "  <metric name=\"host.cpu.processorMHz\" type=\"static\" units=\"MHz\">#</metric>\n"
		  "  <metric name=\"host.cpu.coresPerPkg\" type=\"static\" units=\"cores\">#</metric>\n"
		  "</metrics>");
	CHECK_STR(stat_get(&fixture, "json host"),
		  "1 {\"host.cpu.processorMHz\":{\"type\":\"static\",\"units\":\"MHz\",\"value\":2399},\n"
		  " \"host.cpu.coresPerPkg\":{\"type\":\"static\",\"units\":\"cores\",\"value\":4}}");
	CHECK_STR(stat_get(&fixture, "text host"),
		  "1 host.cpu.processorMHz = 2399\nhost.cpu.coresPerPkg = 4");
	CHECK_STR(stat_get(&fixture, "yaml"),
		  "1 - \"session\"\n- \"host\"\n- \"resources\"\n- \"vnet "
		  MAC "\"");
	fixture_stop(&fixture);
}

/* Example 3-2 of the guide. */
KTAP_TEST(the_list)
{
	static const char *const requests[] = {
		"guestlib.stat.get", "guestlib.stat.get ",
		"guestlib.stat.get  ", "guestlib.stat.get   ",
		"guestlib.stat.get text", "guestlib.stat.get text  ",
		"guestlib.stat.get   text ",
	};
	struct fixture fixture;
	size_t i;

	FIXTURE(&fixture, "ide0:0.present=TRUE", "ide1:0.present=TRUE",
		"ide1:0.deviceType=cdrom-image", "scsi0:0.present=TRUE",
		"scsi0:10.present=TRUE", "scsi0:2.present=TRUE",
		"scsi0:3.present=FALSE", "ethernet0.present=TRUE",
		"ethernet1.address=00:50:56:AA:bb:0C", "ethernet2.present=FALSE",
		"ethernet2.address=00:50:56:00:00:02", "ethernet10.present=TRUE");
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		CHECK_STR(ask(&fixture, requests[i]),
			  "1 session\nhost\nresources\nvscsi ide0:0\n"
			  "vscsi scsi0:0\nvscsi scsi0:2\nvscsi scsi0:10\n"
			  "vnet " MAC "\nvnet 00:50:56:aa:bb:0c\n"
			  "vnet 00:0c:29:1e:24:57\n");
	fixture_stop(&fixture);

	FIXTURE(&fixture, "scsi0:0.present=TRUE");
	CHECK_STR(stat_get(&fixture, "json"),
		  "1 [\"session\",\"host\",\"resources\",\"vscsi scsi0:0\"]");
	CHECK_STR(layout(stat_get(&fixture, "xml ")),
		  "# <stats session=\"#\"><stat name=\"session\"/>"
		  "<stat name=\"host\"/><stat name=\"resources\"/>"
		  "<stat name=\"vscsi scsi#:#\"/></stats>");
	CHECK_STR(stat_get(&fixture, "yaml "),
		  "1 - \"session\"\n- \"host\"\n- \"resources\"\n"
		  "- \"vscsi scsi0:0\"\n");
	fixture_stop(&fixture);
}

KTAP_TEST(session)
{
	char wanted[256];
	struct fixture fixture;
	int64_t id;

	FIXTURE(&fixture, "tools.guestlib.stat.provider=a \"b\" <c>\n",
		"vmxsim.host=6.0");
	advance(&fixture, 1036293);
	id = (int64_t)number(stat_get(&fixture, "text session"), "session");
	snprintf(wanted, sizeof(wanted), "1 session = %" PRId64 "\n"
		 "uptime = 1036293000\n"
		 "version = VMware ESX 6.0.0 build-2494585\n"
		 "provider = a \"b\" <c>\n\n"
		 "uuid.bios = 56 4d 2c 53 43 56 66 8e-7c 05 fd 7e 51 1e 23 f3\n",
		 id);
	CHECK_STR(ask(&fixture, "guestlib.stat.get text session"), wanted);
	snprintf(wanted, sizeof(wanted), "1 {\"session\":\"%" PRId64 "\","
		 "\"uptime\":{\"type\":\"accumulate\",\"units\":\"us\",\"value\":1036293000},"
		 "\"version\":\"VMware ESX 6.0.0 build-2494585\","
		 "\"provider\":\"a \\\"b\\\" <c>\\u000a\",", id);
	CHECK(!strncmp(stat_get(&fixture, "json session"), wanted,
		       strlen(wanted)));
	snprintf(wanted, sizeof(wanted), "1 <metrics session=\"%" PRIu64 "\">"
		 "<metric name=\"session\">%" PRId64 "</metric>", (uint64_t)id, id);
	CHECK(!strncmp(stat_get(&fixture, "xml session"), wanted,
		       strlen(wanted)));
	CHECK(strstr((char *)fixture.reply.data,
		     ">a &#34;b&#34; &#60;c&#62;&#10;</metric>"));
	/* The top bit is set, so the signed and the unsigned form differ. */
	CHECK(id < 0);
	CHECK(strstr(stat_get(&fixture, "yaml session"),
		     "\nprovider: \"a \\\"b\\\" <c>\\u000a\"\n"));
	fixture_stop(&fixture);

	FIXTURE(&fixture, "vmxsim.quirk.sessionText=unsigned");
	snprintf(wanted, sizeof(wanted), "1 session = %" PRIu64 "\n", (uint64_t)id);
	CHECK(!strncmp(ask(&fixture, "guestlib.stat.get text session"), wanted,
		       strlen(wanted)));
	fixture_stop(&fixture);
}

KTAP_TEST(uuid_spelling)
{
	struct fixture fixture;

	FIXTURE(&fixture, "vmxsim.host.version=VMware ESXi 6.7.0 build-1",
		"uuid.bios=56-4D-2c-53-43-56-66-8E-7c-05-fd-7e-51-1e-23-F4",
		"ethernet0.present=TRUE");
	CHECK(strstr(stat_get(&fixture, "text session"),
		     "\nversion = VMware ESXi 6.7.0 build-1\nprovider = \n"
		     "uuid.bios = 56 4d 2c 53 43 56 66 8e-7c 05 fd 7e 51 1e 23 f4\n"));
	CHECK(strstr(stat_get(&fixture, ""), "vnet 00:0c:29:1e:23:f4\n"));
	fixture_stop(&fixture);
}

KTAP_TEST(host)
{
	struct fixture fixture;

	FIXTURE(&fixture, "vmxsim.host.allowHostInfo=TRUE",
		"tools.guestlib.enableHostInfo=TRUE");
	CHECK_STR(stat_get(&fixture, "text host"),
		  "1 host.cpu.processorMHz = 2399\nhost.cpu.coresPerPkg = 4\n"
		  "host.cpu.packages = 2\nhost.cpu.cores = 8\n"
		  "host.cpu.threads = 16\nhost.dmi.product = ProLiant ML350 G6\n"
		  "host.dmi.vendor = HP\n");
	CHECK_STR(stat_get(&fixture, "json host"),
		  "1 {\"host.cpu.processorMHz\":{\"type\":\"static\",\"units\":\"MHz\",\"value\":2399},"
		  "\"host.cpu.coresPerPkg\":{\"type\":\"static\",\"units\":\"cores\",\"value\":4},"
		  "\"host.cpu.packages\":{\"type\":\"static\",\"units\":\"packages\",\"value\":2},"
		  "\"host.cpu.cores\":{\"type\":\"static\",\"units\":\"cores\",\"value\":8},"
		  "\"host.cpu.threads\":{\"type\":\"static\",\"units\":\"threads\",\"value\":16},"
		  "\"host.dmi.product\":\"ProLiant ML350 G6\","
		  "\"host.dmi.vendor\":\"HP\"}");
	fixture_stop(&fixture);
}

KTAP_TEST(resources)
{
	struct fixture fixture;
	const char *text;

	FIXTURE(&fixture, "numvcpus=2", "memsize=1024", "sched.cpu.min=1000",
		"sched.mem.min=200", "vmxsim.mem.pressure=40",
		"vmxsim.contention.mem=5");
	advance(&fixture, 100000);
	CHECK_STR(layout(stat_get(&fixture, "text resources")),
		  "# vm.cpu.reserved = #\nvm.cpu.limit = -#\nvm.cpu.used = #\n"
		  "vm.cpu.contention.cpu = #\nvm.cpu.contention.mem = #\n"
		  "vm.numa.local = #\nvm.numa.remote = #\n"
		  "guest.mem.reserved = #\nguest.mem.limit = -#\n"
		  "guest.mem.mapped = #\nguest.mem.consumed = #\n"
		  "guest.mem.swapped = #\nguest.mem.ballooned = #\n"
		  "guest.mem.swapIn = #\nguest.mem.swapOut = #\n"
		  "ovhd.mem.swapped = #\novhd.mem.swapIn = #\n"
		  "ovhd.mem.swapOut = #\n");
	text = ask(&fixture, "guestlib.stat.get text resources");
	CHECK_EQ(number(text, "vm.cpu.reserved"), 1000);
	CHECK_EQ(number(text, "vm.cpu.limit"), UINT64_MAX);
	CHECK_EQ(number(text, "vm.cpu.contention.cpu"), 6000000);
	CHECK_EQ(number(text, "vm.cpu.contention.mem"), 10000000);
	CHECK_EQ(number(text, "guest.mem.reserved"), 204800);
	CHECK_EQ(number(text, "vm.numa.local"), number(text, "guest.mem.mapped"));
	CHECK(number(text, "guest.mem.swapIn") > 0);
	text = stat_get(&fixture, "yaml resources");
	CHECK(strstr(text, "vm.cpu.used:\n  type: accumulate\n  units: us\n"));
	CHECK(strstr(text, "vm.numa.local:\n  type: instant\n  units: KB\n"));
	CHECK(strstr(text, "vm.cpu.limit:\n  type: static\n  units: MHz\n  value: -1\n"));
	CHECK(strstr(text, "guest.mem.limit:\n  type: static\n  units: KB\n  value: -1\n"));
	fixture_stop(&fixture);
}

static uint32_t be32(const struct fixture *fixture, size_t offset)
{
	const uint8_t *at = fixture->reply.data + 2 + offset;

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

/* At any time, the extended statistics and the record have the same values. */
KTAP_TEST(agrees_with_the_record)
{
	struct fixture fixture;
	uint64_t mapped, ballooned, used_ms, session;
	const char *text;

	FIXTURE(&fixture, "vmxsim.mem.pressure=40", "numvcpus=2");
	advance(&fixture, 123456);
	ask(&fixture, "guestlib.info.get 3");
	memcpy(&session, fixture.reply.data + 2 + 4, 8);
	used_ms = (uint64_t)be32(&fixture, 20 + 36 + 8) << 32 |
		  be32(&fixture, 20 + 36 + 12);
	mapped = be32(&fixture, 20 + 36 + 16 + 4 * 12 + 8);
	ballooned = be32(&fixture, 20 + 36 + 16 + 7 * 12 + 8);
	text = stat_get(&fixture, "text resources");
	CHECK(mapped && ballooned && used_ms);
	CHECK_EQ(number(text, "vm.cpu.used") / 1000, used_ms);
	CHECK_EQ(number(text, "guest.mem.mapped"),
		 1024 * (mapped + ballooned));
	CHECK_EQ(number(text, "guest.mem.ballooned"), 1024 * ballooned);
	CHECK_EQ(number(stat_get(&fixture, "text session"), "session"),
		 session);
	fixture_stop(&fixture);
}

KTAP_TEST(disk)
{
	struct fixture fixture;
	char upper[512];

	FIXTURE(&fixture, "scsi0:0.present=TRUE");
	advance(&fixture, 60000);
	CHECK_STR(layout(stat_get(&fixture, "text vscsi scsi0:0")),
		  "# num.reads = #\nnum.writes = #\nsize.reads = #\n"
		  "size.writes = #\nlatency.reads = #\nlatency.writes = #\n");
	snprintf(upper, sizeof(upper), "%s",
		 ask(&fixture, "guestlib.stat.get text vscsi scsi0:0"));
	CHECK_STR(stat_get(&fixture, " text  vscsi   SCSI0:0  "), upper);
	CHECK(strstr(stat_get(&fixture, "json vscsi scsi0:0"),
		     "\"latency.reads\":{\"type\":\"accumulate\",\"units\":\"us\","));
	fixture_stop(&fixture);
}

KTAP_TEST(encodings)
{
	struct fixture fixture;

	FIXTURE(&fixture, NULL);
	CHECK(!strncmp(stat_get(&fixture, " host"), "1 host.cpu.p", 12));
	CHECK(!strncmp(stat_get(&fixture, " json host"), "1 {", 3));
	CHECK_STR(stat_get(&fixture, "host"), "0 Unknown encoding");
	CHECK_STR(stat_get(&fixture, "JSON host"), "0 Unknown encoding");
	CHECK_STR(stat_get(&fixture, "binary"), "0 Unknown encoding");
	CHECK_STR(ask(&fixture, "vmxsim.set vmxsim.quirk.emptyEncoding refused"),
		  "1 ");
	CHECK_STR(stat_get(&fixture, " host"), "0 Unknown encoding");
	CHECK_STR(ask(&fixture, "guestlib.stat.get"), "0 Unknown encoding");
	CHECK(!strncmp(stat_get(&fixture, "text host"), "1 host.cpu.p", 12));
	fixture_stop(&fixture);
}

KTAP_TEST(unknown_names)
{
	static const char *const names[] = {
		"text nothing", "json Session", "text vscsi", "text vnet",
		"text vscsi scsi0:1", "text vnet 00:00:00:00:00:00",
		"text session more", "text vscsi scsi0:0 more",
		"text vscsi ../../etc", "json %s%n",
	};
	struct fixture fixture;
	char request[64];
	size_t i;

	FIXTURE(&fixture, "scsi0:0.present=TRUE",
		"vmxsim.quirk.unknownStatText=no such thing");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(request, sizeof(request), "guestlib.stat.get %s",
			 names[i]);
		CHECK_STR(ask(&fixture, request), "0 no such thing");
	}
	CHECK_STR(ask_bytes(&fixture, "guestlib.stat.get text host\0x", 29, false),
		  "0 no such thing");
	fixture_stop(&fixture);
}

/* No reply to a request contains a NUL. */
KTAP_TEST(replies_are_texts)
{
	static const char *const requests[] = {
		"text", "json", "xml", "yaml", "xml session", "yaml host",
		"json resources", "xml vscsi scsi0:0",
	};
	struct fixture fixture;
	size_t i;

	FIXTURE(&fixture, "scsi0:0.present=TRUE");
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		stat_get(&fixture, requests[i]);
		CHECK_EQ(strlen((char *)fixture.reply.data), fixture.reply.len);
		CHECK(fixture.reply.len > 10);
	}
	fixture_stop(&fixture);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(the_guides_adapter),
	KTAP_ENTRY(layout_in_lines),
	KTAP_ENTRY(the_list),
	KTAP_ENTRY(session),
	KTAP_ENTRY(uuid_spelling),
	KTAP_ENTRY(host),
	KTAP_ENTRY(resources),
	KTAP_ENTRY(agrees_with_the_record),
	KTAP_ENTRY(disk),
	KTAP_ENTRY(encodings),
	KTAP_ENTRY(unknown_names),
	KTAP_ENTRY(replies_are_texts),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
