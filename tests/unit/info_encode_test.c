// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The host's records of guestlib.info.get, read back by an independent decoder.
 *
 * Links: tools/vmxsim/host
 */
#include <inttypes.h>

#include "host_fixture.h"
#include "model/info.h"
#include "model/model.h"

#define ELEMENTS	48

/* u: 32 bits, U: 64 bits, s: string, o: opaque; statistics 1 to 38 */
static const char kinds[] = "uuuUuuuuuuuuuuuuUs" "UU" "uUUUUUUUUU" "uuuuuuoU";

struct value {
	bool valid;
	uint64_t number;
	char text[8192];
};

struct record {
	uint32_t version, size, count;
	uint64_t session;
	size_t trailing;	/* number of bytes after the data */
	struct value of[ELEMENTS + 1];
};

struct bytes {
	const uint8_t *at, *end;
};

static uint64_t take_be(struct bytes *bytes, int count)
{
	uint64_t number = 0;

	while (count-- && CHECK(bytes->at < bytes->end))
		number = number << 8 | *bytes->at++;
	return number;
}

static uint64_t take_le(struct bytes *bytes, int count)
{
	uint64_t number = 0;
	int i;

	for (i = 0; i < count && CHECK(bytes->at < bytes->end); i++)
		number |= (uint64_t)*bytes->at++ << 8 * i;
	return number;
}

static void take_text(struct bytes *bytes, struct value *value)
{
	uint32_t len = (uint32_t)take_be(bytes, 4);

	if (!CHECK(len < sizeof(value->text)) ||
	    !CHECK((size_t)(bytes->end - bytes->at) >= len))
		return;
	memcpy(value->text, bytes->at, len);
	bytes->at += len;
	for (; len % 4; len++)
		CHECK_EQ(take_be(bytes, 1), 0);
}

static void take_element(struct bytes *bytes, unsigned int id,
			 struct record *record)
{
	struct value *value = &record->of[id];
	uint64_t valid;

	CHECK_EQ(take_be(bytes, 4), id);
	valid = take_be(bytes, 4);
	CHECK(valid <= 1);
	value->valid = valid;
	switch (id < sizeof(kinds) ? kinds[id - 1] : 'u') {
	case 'u':
		value->number = take_be(bytes, 4);
		break;
	case 'U':
		value->number = take_be(bytes, 8);
		break;
	default:
		take_text(bytes, value);
	}
}

static void decode_v3(const uint8_t *data, size_t len, struct record *record)
{
	struct bytes bytes = { data, data + len };
	unsigned int id;

	memset(record, 0, sizeof(*record));
	record->version = (uint32_t)take_le(&bytes, 4);
	record->session = take_le(&bytes, 8);
	record->size = (uint32_t)take_le(&bytes, 4);
	if (!CHECK(record->size <= (size_t)(bytes.end - bytes.at)))
		return;
	record->trailing = (size_t)(bytes.end - bytes.at) - record->size;
	bytes.end = bytes.at + record->size;
	record->count = (uint32_t)take_be(&bytes, 4);
	if (!CHECK(record->count <= ELEMENTS))
		return;
	for (id = 1; id <= record->count; id++)
		take_element(&bytes, id, record);
	CHECK(bytes.at == bytes.end);
}

static bool ask_v3(struct fixture *fixture, struct record *record)
{
	ask(fixture, "guestlib.info.get 3");
	if (!CHECK(!memcmp(fixture->reply.data, "1 ", 2)))
		return false;
	decode_v3(fixture->reply.data + 2, fixture->reply.len - 2, record);
	return CHECK_EQ(record->version, 3);
}

/* The worked example of wire-protocol chapter 4.7 */
KTAP_TEST(worked_example)
{
	static const uint8_t wanted[72] = {
		3, 0, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
		0x38, 0, 0, 0, 0, 0, 0, 4,
		0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 3, 0xe8,
		0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 7, 0xd0,
		0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2,
	};
	struct info_form form = { .count = 4, .path = "" };
	struct sample sample = { .session = 0x1122334455667788 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	sample.wire[1].value = 1000;
	sample.wire[2].value = 2000;
	sample.wire[3].value = 3000;
	sample.wire[3].state = STATE_UNAVAILABLE;
	sample.wire[4].value = 4294967298;
	info_write_v3(out, &sample, &form);
	fclose(out);
	CHECK_EQ(size, sizeof(wanted));
	CHECK(!memcmp(text, wanted, sizeof(wanted)));
	free(text);
}

KTAP_TEST(all_38)
{
	struct fixture fixture;
	struct record record;
	unsigned int id;

	FIXTURE(&fixture, "vmxsim.host.allowHostInfo=TRUE",
		"tools.guestlib.enableHostInfo=TRUE",
		"sched.cpu.max=2000", "sched.mem.max=400", "sched.mem.min=100",
		"sched.cpu.min=1000", "vmxsim.pool.path=twenty bytes of path");
	advance(&fixture, 5000);
	CHECK(ask_v3(&fixture, &record));
	CHECK_EQ(record.count, 38);
	CHECK_EQ(record.trailing, 0);
	CHECK_EQ(fixture.reply.len, 2 + 16 + 516 + 20 + 20);
	for (id = 1; id <= 38; id++)
		CHECK(record.of[id].valid);
	CHECK_EQ(record.of[1].number, 1000);
	CHECK_EQ(record.of[2].number, 2000);
	CHECK_EQ(record.of[5].number, 2399);
	CHECK_EQ(record.of[6].number, 100);
	CHECK_EQ(record.of[7].number, 400);
	CHECK_EQ(record.of[17].number, 5000);
	CHECK_EQ(record.of[21].number, 8);
	CHECK_EQ(record.of[26].number, 65536);
	CHECK_EQ(record.of[38].number, record.of[8].number);
	CHECK_STR(record.of[18].text, "twenty bytes of path");
	CHECK_STR(record.of[37].text, "twenty bytes of path");
	CHECK(record.session);
	fixture_stop(&fixture);
}

static void ask_v2(struct fixture *fixture, uint8_t record[669])
{
	memset(record, 0xee, 669);
	ask(fixture, "guestlib.info.get 2");
	CHECK(!memcmp(fixture->reply.data, "1 ", 2));
	if (CHECK_EQ(fixture->reply.len, 671))
		memcpy(record, fixture->reply.data + 2, 669);
}

static uint64_t le_at(const uint8_t *record, size_t offset, int count)
{
	uint64_t number = 0;

	while (count--)
		number = number << 8 | record[offset + (size_t)count];
	return number;
}

/* The offsets are in wire-protocol chapter 4.3. */
KTAP_TEST(version_2)
{
	static const struct {
		size_t valid_at;
		int len;
	} layout[] = {
		{ 12, 4 }, { 20, 4 }, { 28, 4 }, { 36, 8 }, { 48, 4 },
		{ 56, 4 }, { 64, 4 }, { 72, 4 }, { 80, 4 }, { 88, 4 },
		{ 96, 4 }, { 104, 4 }, { 112, 4 }, { 120, 4 }, { 128, 4 },
		{ 136, 4 }, { 144, 8 },
	};
	struct fixture fixture;
	struct record newer;
	uint8_t record[669];
	unsigned int i;

	FIXTURE(&fixture, "vmxsim.stat.cpuShares=unavailable",
		"vmxsim.stat.memZippedMB=absent",
		"vmxsim.stat.cpuUsedMs=18446744073709551615");
	advance(&fixture, 7000);
	ask_v2(&fixture, record);
	CHECK(ask_v3(&fixture, &newer));
	CHECK_EQ(newer.count, 30);
	CHECK_EQ(le_at(record, 0, 4), 2);
	CHECK_EQ(le_at(record, 4, 8), newer.session);
	for (i = 0; i < 17; i++) {
		CHECK_EQ(le_at(record, layout[i].valid_at, 4),
			 newer.of[i + 1].valid);
		CHECK_EQ(le_at(record, layout[i].valid_at + 4, layout[i].len),
			 newer.of[i + 1].number);
	}
	CHECK_EQ(le_at(record, 28, 4), 0);
	CHECK_EQ(le_at(record, 40, 8), UINT64_MAX);
	CHECK_EQ(le_at(record, 148, 8), 7000);
	CHECK_EQ(record[156], 1);
	CHECK_STR((char *)record + 157, newer.of[18].text);
	fixture_stop(&fixture);

	FIXTURE(&fixture, "vmxsim.stat.resourcePoolPath=absent");
	ask_v2(&fixture, record);
	CHECK_EQ(record[156], 0);
	CHECK_EQ(record[157], 0);
	fixture_stop(&fixture);
}

static void with_path(size_t len, bool v2_valid, bool v3_valid)
{
	char setting[8192] = "vmxsim.pool.path=";
	struct fixture fixture;
	struct record record;
	uint8_t v2[669];
	size_t start = strlen(setting), i;

	for (i = 0; i < len; i++)
		setting[start + i] = (char)('a' + i % 26);
	setting[start + len] = '\0';
	FIXTURE(&fixture, setting);
	ask_v2(&fixture, v2);
	CHECK_EQ(v2[156], v2_valid);
	CHECK_STR((char *)v2 + 157, v2_valid ? setting + start : "");
	CHECK(ask_v3(&fixture, &record));
	CHECK_EQ(record.of[18].valid, v3_valid);
	CHECK_STR(record.of[18].text, v3_valid ? setting + start : "");
	CHECK(record.of[37].valid);
	CHECK_STR(record.of[37].text, setting + start);
	fixture_stop(&fixture);
}

KTAP_TEST(long_paths)
{
	with_path(0, true, true);
	with_path(1, true, true);
	with_path(511, true, true);
	with_path(512, false, true);
	with_path(513, false, false);
	with_path(8000, false, false);
}

KTAP_TEST(big_shares)
{
	struct fixture fixture;
	struct record record;

	FIXTURE(&fixture, "sched.mem.shares=18446744073709551615");
	CHECK(ask_v3(&fixture, &record));
	CHECK(!record.of[8].valid);
	CHECK_EQ(record.of[8].number, 0);
	CHECK(record.of[38].valid);
	CHECK_EQ(record.of[38].number, UINT64_MAX);
	fixture_stop(&fixture);
}

KTAP_TEST(generations)
{
	static const struct {
		const char *host;
		unsigned int count;
		bool stat_get;
	} hosts[] = {
		{ "4.0", 20, false }, { "4.1", 30, false }, { "5.5", 37, false },
		{ "6.0", 37, true }, { "7.0", 38, true }, { "8.0", 38, true },
	};
	struct fixture fixture;
	struct record record;
	char setting[32];
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		snprintf(setting, sizeof(setting), "vmxsim.host=%s",
			 hosts[i].host);
		FIXTURE(&fixture, setting);
		CHECK(ask_v3(&fixture, &record));
		CHECK_EQ(record.count, hosts[i].count);
		CHECK_EQ(!strcmp(ask(&fixture, "guestlib.stat.get text host"),
				 "0 Unknown command"), !hosts[i].stat_get);
		fixture_stop(&fixture);
	}
}

/* Returns the number of valid statistics of the ten host statistics, or -1 if they are not sent. */
static int host_statistics(const char *a, const char *b, const char *c)
{
	struct fixture fixture;
	struct record record;
	unsigned int id;
	int valid = 0;

	FIXTURE(&fixture, a, b, c);
	CHECK(ask_v3(&fixture, &record));
	for (id = 21; id <= 30; id++)
		valid += record.of[id].valid;
	if (record.count < 21) {
		CHECK_EQ(record.count, 20);
		CHECK_EQ(valid, 0);
		valid = -1;
	} else {
		CHECK(record.of[31].valid);
	}
	fixture_stop(&fixture);
	return valid;
}

KTAP_TEST(host_information)
{
	const char *on = "tools.guestlib.enableHostInfo=TRUE";
	const char *host = "vmxsim.host.allowHostInfo=TRUE";
	const char *cut = "vmxsim.quirk.hostInfoOff=cut";

	CHECK_EQ(host_statistics(NULL, NULL, NULL), 0);
	/* Host statistics need a setting of the host and one of the machine. Both are off. */
	CHECK_EQ(host_statistics(on, NULL, NULL), 0);
	CHECK_EQ(host_statistics(host, NULL, NULL), 0);
	CHECK_EQ(host_statistics(host, on, NULL), 10);
	CHECK_EQ(host_statistics(cut, NULL, NULL), -1);
	CHECK_EQ(host_statistics(host, on, cut), 10);
	CHECK_EQ(host_statistics(host, on, "vmxsim.stat.hostMemPhysMB=unavailable"),
		 9);
	/* An override of a value does not replace the settings. */
	CHECK_EQ(host_statistics("vmxsim.stat.hostMemPhysMB=9", NULL, NULL), 0);
}

KTAP_TEST(overrides)
{
	struct fixture fixture;
	struct record record;

	FIXTURE(&fixture, "vmxsim.stat.memActiveMB=4294967295",
		"vmxsim.stat.memTargetSizeMB=18446744073709551615",
		"vmxsim.stat.resourcePoolPath=unavailable",
		"vmxsim.stat.memBalloonMaxMB=absent");
	CHECK(ask_v3(&fixture, &record));
	CHECK_EQ(record.count, 35);
	CHECK_EQ(record.of[10].number, UINT32_MAX);
	CHECK_EQ(record.of[20].number, UINT64_MAX);
	CHECK(!record.of[18].valid);
	fixture_stop(&fixture);

	FIXTURE(&fixture, "vmxsim.stat.cpuReservationMHz=absent");
	CHECK(ask_v3(&fixture, &record));
	CHECK_EQ(record.count, 0);
	CHECK_EQ(record.size, 4);
	fixture_stop(&fixture);

	FIXTURE(&fixture, "vmxsim.info.count=40");
	CHECK(ask_v3(&fixture, &record));
	CHECK_EQ(record.count, 40);
	CHECK(record.of[40].valid);
	fixture_stop(&fixture);
}

KTAP_TEST(quirks)
{
	struct fixture fixture;
	struct record record;

	FIXTURE(&fixture, NULL);
	CHECK(ask_v3(&fixture, &record));
	CHECK(record.of[2].valid && record.of[7].valid);
	CHECK_EQ(record.of[2].number, UINT32_MAX);
	CHECK_EQ(record.of[7].number, UINT32_MAX);
	fixture_stop(&fixture);

	FIXTURE(&fixture, "vmxsim.quirk.unlimited=invalid",
		"vmxsim.quirk.dataSize=trailing");
	CHECK(ask_v3(&fixture, &record));
	CHECK(!record.of[2].valid && !record.of[7].valid);
	CHECK_EQ(record.trailing, 4);
	fixture_stop(&fixture);
}

KTAP_TEST(refusals)
{
	struct fixture fixture;

	FIXTURE(&fixture, NULL);
	CHECK_STR(ask(&fixture, "guestlib.info.get 4"), "0 Unsupported version");
	CHECK_STR(ask(&fixture, "guestlib.info.get 1"), "0 Unsupported version");
	CHECK_STR(ask(&fixture, "guestlib.info.get"), "0 Unsupported version");
	CHECK_STR(ask(&fixture, "guestlib.info.get x"), "0 Unsupported version");
	CHECK_STR(ask(&fixture, "guestlib.info.get 36893488147419103235"),
		  "0 Unsupported version");
	ask_bytes(&fixture, "guestlib.info.get 3\0x", 21, false);
	CHECK_STR((char *)fixture.reply.data, "0 Unsupported version");
	CHECK_STR(ask(&fixture, "guestlib.info.gets 3"), "0 Unknown command");
	CHECK(!strncmp(ask(&fixture, "guestlib.info.get  3 "), "1 ", 2));
	fixture_stop(&fixture);

	FIXTURE(&fixture, "vmxsim.info.version=2");
	CHECK_STR(ask(&fixture, "guestlib.info.get 3"), "0 Unsupported version");
	CHECK(!strncmp(ask(&fixture, "guestlib.info.get 2"), "1 ", 2));
	fixture_stop(&fixture);

	FIXTURE(&fixture, "vmxsim.info.version=none",
		"isolation.tools.guestlibGetInfo.disable=TRUE");
	CHECK_STR(ask(&fixture, "guestlib.info.get 3"), "0 Unknown command");
	CHECK_STR(ask(&fixture, "guestlib.info.get 2"), "0 Unknown command");
	fixture_stop(&fixture);

	FIXTURE(&fixture, "isolation.tools.guestlibGetInfo.disable=TRUE",
		"vmxsim.quirk.disabledText=");
	CHECK_STR(ask(&fixture, "guestlib.info.get 3"), "0 ");
	CHECK_STR(ask(&fixture, "vmxsim.set vmxsim.quirk.disabledText"), "1 ");
	CHECK_STR(ask(&fixture, "guestlib.info.get 2"), "0 disabled");
	fixture_stop(&fixture);
}

KTAP_TEST(privileged_senders_only)
{
	struct fixture fixture;

	FIXTURE(&fixture, "guest_rpc.rpci.auth.app.APP_MONITOR=TRUE");
	CHECK_STR(ask(&fixture, "guestlib.info.get 3"), "0 Permission denied");
	CHECK_STR(ask(&fixture, "guestlib.stat.get text host"),
		  "0 Permission denied");
	CHECK(!strncmp(ask_bytes(&fixture, "guestlib.info.get 3", 19, true),
		       "1 ", 2));
	CHECK(!strncmp(ask_bytes(&fixture, "guestlib.stat.get text host", 27,
				 true), "1 ", 2));
	/* Hosts before 6.0 do not know the key. */
	CHECK_STR(ask(&fixture, "vmxsim.set vmxsim.host 5.5"), "1 ");
	CHECK(!strncmp(ask(&fixture, "guestlib.info.get 3"), "1 ", 2));
	fixture_stop(&fixture);
}

KTAP_TEST(faults)
{
	struct fixture fixture;
	struct record record;
	const uint8_t *xdr;

	FIXTURE(&fixture, NULL);
	CHECK_STR(ask(&fixture, "vmxsim.fault count 7"), "1 ");
	ask(&fixture, "guestlib.info.get 3");
	xdr = fixture.reply.data + 2 + 16;
	CHECK_EQ(xdr[0] << 24 | xdr[1] << 16 | xdr[2] << 8 | xdr[3], 7);
	CHECK(ask_v3(&fixture, &record));
	CHECK_EQ(record.count, 38);

	CHECK_STR(ask(&fixture, "vmxsim.fault reorder"), "1 ");
	ask(&fixture, "guestlib.info.get 3");
	xdr = fixture.reply.data + 2 + 16;
	CHECK_EQ(xdr[7], 2);
	CHECK_EQ(xdr[19], 1);

	CHECK_STR(ask(&fixture, "vmxsim.fault version2"), "1 ");
	CHECK(!strncmp(ask(&fixture, "guestlib.info.get 2"), "1 ", 2));
	CHECK_STR(ask(&fixture, "guestlib.info.get 3"), "0 Unsupported version");
	CHECK(ask_v3(&fixture, &record));
	fixture_stop(&fixture);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(worked_example),
	KTAP_ENTRY(all_38),
	KTAP_ENTRY(version_2),
	KTAP_ENTRY(long_paths),
	KTAP_ENTRY(big_shares),
	KTAP_ENTRY(generations),
	KTAP_ENTRY(host_information),
	KTAP_ENTRY(overrides),
	KTAP_ENTRY(quirks),
	KTAP_ENTRY(refusals),
	KTAP_ENTRY(privileged_senders_only),
	KTAP_ENTRY(faults),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
