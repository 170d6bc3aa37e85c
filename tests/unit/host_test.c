// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The host above the transports: the requests that it knows, and how it is steered.
 *
 * Links: tools/vmxsim/host
 */
#include <inttypes.h>

#include "host/counters.h"
#include "host_fixture.h"
#include "model/guestinfo.h"
#include "model/prng.h"

static uint64_t session_id(struct fixture *fixture)
{
	uint64_t id;

	ask(fixture, "guestlib.info.get 3");
	if (!CHECK(fixture->reply.len > 18))
		return 0;
	memcpy(&id, fixture->reply.data + 2 + 4, sizeof(id));
	return id;
}

static uint64_t uptime_us(struct fixture *fixture)
{
	const char *text = ask(fixture, "guestlib.stat.get text session");
	const char *found = strstr(text, "\nuptime = ");

	return CHECK(found) ? strtoull(found + 10, NULL, 10) : 0;
}

/* The host accepts the information of vmtoolsd and shows it unchanged. */
KTAP_TEST(tools)
{
	static const char *const taken[] = {
		"vmx.capability.unified_loop toolbox", "tools.set.versiontype 12352 4",
		"tools.set.version 1", "tools.set.version 2147483647",
		"tools.capability.hgfs_server toolbox 1", "SetGuestInfo  1 host.example",
		"SetGuestInfo  6 debian12-64", "SetGuestInfo  1 other.example",
		"tools.os.statechange.status 1 4", "SetGuestDiskInfo {\"version\":\"1\"}",
	};
	struct fixture fixture;
	char request[600];
	size_t i;

	FIXTURE(&fixture, NULL);
	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		CHECK_STR(ask(&fixture, taken[i]), "1 ");
	CHECK_STR(ask_bytes(&fixture, "SetGuestInfo  9 \0\0\1\xff", 20, false), "1 ");
	CHECK_STR(ask(&fixture, "vmxsim.tools"),
		  "1 {\"vmx.capability.unified_loop\":\"toolbox\","
		  "\"tools.set.versiontype\":\"12352 4\","
		  "\"tools.set.version\":\"2147483647\","
		  "\"tools.capability.hgfs_server\":\"toolbox 1\","
		  "\"SetGuestInfo 1\":\"other.example\","
		  "\"SetGuestInfo 6\":\"debian12-64\","
		  "\"tools.os.statechange.status\":\"1 4\","
		  "\"SetGuestDiskInfo\":\"{\\\"version\\\":\\\"1\\\"}\","
		  "\"SetGuestInfo 9\":\"\\u0000\\u0000\\u0001\\u00ff\"}");
	/* Malformed requests are refused, and the amount that is kept is limited. */
	CHECK_STR(ask(&fixture, "SetGuestInfo"), "0 Invalid argument");
	CHECK_STR(ask(&fixture, "SetGuestInfo  "), "0 Invalid argument");
	CHECK_STR(ask(&fixture, "SetGuestInfo  \x80 1"), "0 Invalid argument");
	CHECK_STR(ask(&fixture, "tools.capability.\" 1"), "1 ");
	CHECK_STR(ask(&fixture, "tools.capability.\n 1"), "0 Invalid argument");
	snprintf(request, sizeof(request), "tools.capability.%0500d 1", 0);
	CHECK_STR(ask(&fixture, request), "0 Invalid argument");
	for (i = 0; i < 1000; i++) {
		snprintf(request, sizeof(request), "vmx.capability.x%zu 1", i);
		CHECK(!strcmp(ask(&fixture, request), "1 ") == (i < 256 - 10));
	}
	fixture_stop(&fixture);

	FIXTURE(&fixture, NULL);
	CHECK_STR(ask(&fixture, "machine.id.get"), "0 No machine id");
	CHECK_STR(ask(&fixture, "vmxsim.set machine.id the one"), "1 ");
	CHECK_STR(ask(&fixture, "machine.id.get"), "1 the one");
	CHECK_STR(ask(&fixture, "vmxsim.tclo"), "1 {\"apps\":[],\"answers\":[]}");
	CHECK_STR(ask(&fixture, "vmxsim.tclo ping"), "0 no such program has registered");
	fixture_stop(&fixture);
}

/* A C client sends the NUL of its string, too. One NUL at the end is removed. */
KTAP_TEST(trailing_nul)
{
	struct fixture fixture;

	FIXTURE(&fixture, "guestinfo.x=1");
	CHECK_STR(ask_bytes(&fixture, "info-get guestinfo.x\0", 21, false), "1 1");
	CHECK_STR(ask_bytes(&fixture, "info-get guestinfo.x\0\0", 22, false),
		  "0 No value found");
	CHECK_STR(ask_bytes(&fixture, "\0", 1, false), "0 Unknown command");
	fixture_stop(&fixture);
}

KTAP_TEST(unknown_requests)
{
	static const char *const requests[] = {
		"", " ", "x", "abc def", "guestlib.info.get3 ", "Guestlib.info.get 3",
		"info-gets x", "tools.capability. 1", "tools.set 1", "vmx.set_options 1", "vmxsim",
		"vmxsim.", "guestlib.ioctl x",
	};
	struct fixture fixture;
	size_t i;

	FIXTURE(&fixture, NULL);
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		CHECK_STR(ask(&fixture, requests[i]), "0 Unknown command");
	CHECK_STR(ask_bytes(&fixture, "\0\xff\0", 3, false),
		  "0 Unknown command");
	CHECK_STR(ask(&fixture, "log a line"), "1 ");
	CHECK_STR(ask(&fixture, "log"), "1 ");
	fixture_stop(&fixture);
}

KTAP_TEST(guestinfo)
{
	struct fixture fixture;
	char *big;

	FIXTURE(&fixture, "guestinfo.FromFile=a value ");
	CHECK_STR(ask(&fixture, "info-get guestinfo.fromfile"), "1 a value ");
	CHECK_STR(ask(&fixture, "info-get guestinfo.x"), "0 No value found");
	CHECK_STR(ask(&fixture, "info-get memsize"), "0 No value found");
	CHECK_STR(ask(&fixture, "info-get"), "0 No value found");
	CHECK_STR(ask(&fixture, "info-set guestinfo.X one two  "), "1 ");
	CHECK_STR(ask(&fixture, "info-get guestinfo.x"), "1 one two  ");
	CHECK_STR(ask(&fixture, "info-set guestinfo.x"), "1 ");
	CHECK_STR(ask(&fixture, "info-get guestinfo.x"), "1 ");
	CHECK_STR(ask(&fixture, "info-set guestinfo. 1"), "0 Permission denied");
	CHECK_STR(ask(&fixture, "info-set memsize 1"), "0 Permission denied");
	CHECK_STR(ask(&fixture, "info-set"), "0 Permission denied");
	CHECK_STR(ask_bytes(&fixture, "info-set guestinfo.b a\0b", 24, false),
		  "1 ");
	ask(&fixture, "info-get guestinfo.b");
	CHECK_EQ(fixture.reply.len, 5);
	CHECK(!memcmp(fixture.reply.data, "1 a\0b", 5));

	big = malloc(2 * GUESTINFO_SIZE_MAX);
	memset(big, 'x', 2 * GUESTINFO_SIZE_MAX);
	memcpy(big, "info-set guestinfo.big ", 23);
	CHECK_STR(ask_bytes(&fixture, big, GUESTINFO_SIZE_MAX + 30, false),
		  "0 Value too large");
	CHECK_STR(ask_bytes(&fixture, big, GUESTINFO_SIZE_MAX - 100, false),
		  "1 ");
	/* A variable can be replaced, because the old value makes room. */
	CHECK_STR(ask_bytes(&fixture, big, GUESTINFO_SIZE_MAX - 100, false),
		  "1 ");
	free(big);
	fixture_stop(&fixture);
}

KTAP_TEST(session_changes)
{
	static const char *const changes[] = {
		"vmxsim.vmotion", "vmxsim.suspend", "vmxsim.revert",
		"vmxsim.hotplug",
	};
	struct fixture fixture;
	uint64_t before, after;
	size_t i;

	FIXTURE(&fixture, NULL);
	before = session_id(&fixture);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		advance(&fixture, 1000);
		CHECK_EQ(uptime_us(&fixture), 1000000);
		CHECK_EQ(session_id(&fixture), before);
		CHECK_STR(ask(&fixture, changes[i]), "1 ");
		after = session_id(&fixture);
		CHECK(after && after != before);
		CHECK_EQ(uptime_us(&fixture), 0);
		CHECK(strstr(ask(&fixture, "vmxsim.session"),
			     changes[i] + strlen("vmxsim.")));
		before = after;
	}
	advance(&fixture, 1000);
	host_reset(fixture.host);
	CHECK(session_id(&fixture) != before);
	CHECK_EQ(uptime_us(&fixture), 0);
	CHECK(strstr(ask(&fixture, "vmxsim.session"),
		     "\"reason\":\"reset\",\"changes\":5,\"uptime_us\":0,"
		     "\"frozen\":false,\"host\":\"8.0\"}"));
	fixture_stop(&fixture);
}

KTAP_TEST(between_two_hosts)
{
	struct fixture fixture;
	uint64_t used, later;

	FIXTURE(&fixture, "vmxsim.host=4.0", "vmxsim.vmotion.host=8.0",
		"vmxsim.vmotion.processorMHz=3000");
	advance(&fixture, 1000);
	CHECK_STR(ask(&fixture, "guestlib.stat.get text host"),
		  "0 Unknown command");
	ask(&fixture, "guestlib.info.get 3");
	used = fixture.reply.len;
	CHECK_STR(ask(&fixture, "vmxsim.vmotion"), "1 ");
	CHECK_STR(ask(&fixture, "guestlib.stat.get text host"),
		  "1 host.cpu.processorMHz = 3000\nhost.cpu.coresPerPkg = 4\n");
	ask(&fixture, "guestlib.info.get 3");
	later = fixture.reply.len;
	CHECK(later > used);
	CHECK_STR(ask(&fixture, "vmxsim.vmotion"), "1 ");
	CHECK_STR(ask(&fixture, "guestlib.stat.get text host"),
		  "0 Unknown command");
	fixture_stop(&fixture);
}

KTAP_TEST(freeze_and_stun)
{
	struct fixture fixture;
	char frozen[4096];

	FIXTURE(&fixture, "vmxsim.host.allowHostInfo=TRUE",
		"tools.guestlib.enableHostInfo=TRUE");
	advance(&fixture, 2000);
	CHECK_STR(ask(&fixture, "vmxsim.freeze"), "1 ");
	snprintf(frozen, sizeof(frozen), "%s",
		 ask(&fixture, "guestlib.stat.get text resources"));
	advance(&fixture, 60000);
	CHECK_STR(ask(&fixture, "guestlib.stat.get text resources"), frozen);
	CHECK_EQ(uptime_us(&fixture), 2000000);
	CHECK_STR(ask(&fixture, "vmxsim.thaw"), "1 ");
	advance(&fixture, 500);
	CHECK_EQ(uptime_us(&fixture), 2500000);

	CHECK_STR(ask(&fixture, "vmxsim.stun 1500"), "1 ");
	CHECK_EQ(fixture.stunned_ms, 1500);
	CHECK_STR(ask(&fixture, "vmxsim.stun"),
		  "0 expected milliseconds from 0 to 600000, got \"\"");
	CHECK_STR(ask(&fixture, "vmxsim.stun 1s"),
		  "0 expected milliseconds from 0 to 600000, got \"1s\"");
	CHECK_STR(ask(&fixture, "vmxsim.stun 600001"),
		  "0 expected milliseconds from 0 to 600000, got \"600001\"");
	CHECK_EQ(fixture.stunned_ms, 1500);
	fixture_stop(&fixture);
}

KTAP_TEST(settings)
{
	struct fixture fixture;

	FIXTURE(&fixture, "memsize=512");
	CHECK_STR(ask(&fixture, "vmxsim.set vmxsim.stat.hostMHz 1234"), "1 ");
	CHECK(strstr(ask(&fixture, "guestlib.stat.get text host"), "= 1234\n"));
	CHECK_STR(ask(&fixture, "vmxsim.set vmxsim.stat.hostMHz"), "1 ");
	CHECK(strstr(ask(&fixture, "guestlib.stat.get text host"), "= 2399\n"));
	CHECK_STR(ask(&fixture, "vmxsim.set tools.guestlib.stat.provider two  words"),
		  "1 ");
	CHECK(strstr(ask(&fixture, "guestlib.stat.get text session"),
		     "provider = two  words\n"));
	CHECK_STR(ask(&fixture, "vmxsim.set sched.mem.min 513"),
		  "0 vmxsim.set: sched.mem.min: expected at most 512 (memsize), got 513");
	CHECK(strstr(ask(&fixture, "guestlib.stat.get text resources"),
		     "guest.mem.reserved = 0\n"));
	CHECK_STR(ask(&fixture, "vmxsim.set vmxsim.nothing 1"),
		  "0 vmxsim.nothing: there is no such key");
	CHECK_STR(ask(&fixture, "vmxsim.set"), "0 expected KEY [VALUE]");
	CHECK_STR(ask(&fixture, "vmxsim.set memsize 1024"),
		  "0 memsize: fixed at power on");
	CHECK_STR(ask(&fixture, "vmxsim.set vmxsim.load.cpu 101"),
		  "0 vmxsim.load.cpu: expected a whole number of percent from 0 to 100, got \"101\"");
	fixture_stop(&fixture);
}

/* After a change of the load, the counters continue without a jump. */
KTAP_TEST(settings_keep_counters)
{
	struct fixture fixture;
	const char *text;
	uint64_t used, later;

	FIXTURE(&fixture, "vmxsim.load.cpu=50", "vmxsim.load.swing=0");
	advance(&fixture, 10000);
	CHECK_STR(ask(&fixture, "vmxsim.set vmxsim.load.cpu 10"), "1 ");
	text = strstr(ask(&fixture, "guestlib.stat.get text resources"),
		      "vm.cpu.used = ");
	used = strtoull(text + 14, NULL, 10);
	CHECK_EQ(used, 5000000);
	advance(&fixture, 10000);
	text = strstr(ask(&fixture, "guestlib.stat.get text resources"),
		      "vm.cpu.used = ");
	later = strtoull(text + 14, NULL, 10);
	CHECK_EQ(later, 6000000);
	fixture_stop(&fixture);
}

KTAP_TEST(unplug)
{
	struct fixture fixture;

	FIXTURE(&fixture);
	fixture.is_in_slot = true;
	CHECK_STR(ask(&fixture, "vmxsim.unplug"), "1 ");
	CHECK(!fixture.is_in_slot);
	CHECK_STR(ask(&fixture, "vmxsim.unplug"),
		  "0 the VMCI device is in no slot; see vmxsim.vmci.removable");
	fixture_stop(&fixture);
}

KTAP_TEST(other_steering)
{
	struct fixture fixture;

	FIXTURE(&fixture, NULL);
	CHECK_STR(ask(&fixture, "vmxsim.nothing"),
		  "0 no such request; vmxsim.help lists them");
	CHECK_STR(ask(&fixture, "vmxsim.vmotion now"),
		  "0 this request takes no arguments");
	CHECK(strstr(ask(&fixture, "vmxsim.help"), "\nvmxsim.suspend\t"));
	CHECK(strstr(ask(&fixture, "vmxsim.help numvcpus"),
		     "1 numvcpus = a whole number of processors from 1 to 128"));
	CHECK_STR(ask(&fixture, "vmxsim.help nothing"), "0 there is no such key");
	CHECK(!strncmp(ask(&fixture, "vmxsim.fault nonsense"), "0 ", 2));
	CHECK(fixture.reply.len > 4);
	host_counters(fixture.host)->request_bytes = 77;
	CHECK(strstr(ask(&fixture, "vmxsim.counters"), "\"request_bytes\":77"));
	CHECK(!strncmp(ask(&fixture, "vmxsim.counters all"), "0 ", 2));
	CHECK_STR(ask(&fixture, "vmxsim.counters reset"), "1 ");
	CHECK(strstr(ask(&fixture, "vmxsim.counters"), "\"request_bytes\":0"));
	fixture_stop(&fixture);
}

KTAP_TEST(time_of_day)
{
	struct host_time time;
	struct fixture fixture;

	FIXTURE(&fixture, "vmxsim.host.epoch=1000000000");
	fixture.now_ns = 2123456789;
	host_time(fixture.host, &time);
	CHECK_EQ(time.sec, 1000000002);
	CHECK_EQ(time.usec, 123456);
	fixture_stop(&fixture);
}

KTAP_TEST(impossible_machines)
{
	struct config *config = config_new();
	struct host_ops ops = { .now_ns = fixture_now_ns };
	char err[CONFIG_ERR_SIZE] = "";

	CHECK(!config_set(config, "sched.mem.min=513", "--set", err,
			  sizeof(err)));
	CHECK(!host_new(config, &ops, err, sizeof(err)));
	CHECK_STR(err, "--set: sched.mem.min: expected at most 512 (memsize), got 513");
	config_free(config);
}

static const char *const some_requests[] = {
	"guestlib.info.get 3", "guestlib.info.get 2",
	"guestlib.stat.get json session", "guestlib.stat.get text resources",
	"vmxsim.vmotion", "guestlib.info.get 3",
	"vmxsim.set vmxsim.mem.pressure 60", "guestlib.stat.get xml resources",
	"guestlib.stat.get yaml vscsi scsi0:0", "vmxsim.session",
	"guestlib.stat.get text vnet 00:0c:29:1e:23:f3", "guestlib.info.get 3",
};

/* With the same seed and the same times the replies are the same. */
KTAP_TEST(repeatable)
{
	struct fixture first, second, seeded;
	bool differs = false;
	size_t i;

	FIXTURE(&first, "scsi0:0.present=TRUE", "ethernet0.present=TRUE");
	FIXTURE(&second, "scsi0:0.present=TRUE", "ethernet0.present=TRUE");
	FIXTURE(&seeded, "scsi0:0.present=TRUE", "ethernet0.present=TRUE",
		"vmxsim.seed=2");
	for (i = 0; i < sizeof(some_requests) / sizeof(some_requests[0]); i++) {
		advance(&first, 12345);
		advance(&second, 12345);
		advance(&seeded, 12345);
		ask(&first, some_requests[i]);
		ask(&second, some_requests[i]);
		ask(&seeded, some_requests[i]);
		CHECK_EQ(first.reply.data[0], '1');
		CHECK_EQ(first.reply.len, second.reply.len);
		CHECK(!memcmp(first.reply.data, second.reply.data,
			      first.reply.len));
		differs |= first.reply.len != seeded.reply.len ||
			   memcmp(first.reply.data, seeded.reply.data,
				  first.reply.len);
	}
	CHECK(differs);
	fixture_stop(&first);
	fixture_stop(&second);
	fixture_stop(&seeded);
}

/* The host answers all bytes that arrive, and reads nothing beyond them. */
KTAP_TEST(hostile_requests)
{
	static const char *const seeds[] = {
		"guestlib.info.get 3", "guestlib.stat.get json vnet 00:0c:29",
		"info-set guestinfo.a value", "info-get guestinfo.a",
		"vmxsim.set vmxsim.stat.cpuUsedMs 12", "vmxsim.fault count 3",
		"vmxsim.help numvcpus", "vmxsim.counters reset", "log x",
	};
	struct fixture fixture;
	struct prng prng;
	char text[64];
	size_t len, flips;
	int i;

	FIXTURE(&fixture, "ethernet0.present=TRUE");
	prng_seed(&prng, 1, 1);
	for (i = 0; i < 20000; i++) {
		len = (size_t)snprintf(text, sizeof(text), "%s",
				       seeds[prng_next(&prng) % 9]);
		for (flips = prng_next(&prng) % 4; flips; flips--)
			text[prng_next(&prng) % len] =
				(char)prng_next(&prng);
		if (prng_next(&prng) % 4 == 0)
			len = prng_next(&prng) % (len + 1);
		ask_bytes(&fixture, text, len, prng_next(&prng) % 2);
		if (!CHECK(fixture.reply.len >= 2) ||
		    !CHECK(fixture.reply.data[0] == '0' ||
			   fixture.reply.data[0] == '1') ||
		    !CHECK(fixture.reply.data[1] == ' '))
			break;
	}
	fixture_stop(&fixture);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(tools),
	KTAP_ENTRY(trailing_nul),
	KTAP_ENTRY(unknown_requests),
	KTAP_ENTRY(guestinfo),
	KTAP_ENTRY(session_changes),
	KTAP_ENTRY(between_two_hosts),
	KTAP_ENTRY(freeze_and_stun),
	KTAP_ENTRY(settings),
	KTAP_ENTRY(settings_keep_counters),
	KTAP_ENTRY(unplug),
	KTAP_ENTRY(other_steering),
	KTAP_ENTRY(time_of_day),
	KTAP_ENTRY(impossible_machines),
	KTAP_ENTRY(repeatable),
	KTAP_ENTRY(hostile_requests),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
