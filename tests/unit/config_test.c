// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The parser of .vmx files and the table of keys.
 *
 * Links: tools/vmxsim/config
 */
#include <stdlib.h>
#include <unistd.h>

#include "config/config.h"
#include "config/config_keys.h"
#include "ktap.h"

struct file {
	char path[64];
};

static struct file write_file(const char *text, size_t len)
{
	struct file file = { "/tmp/config_test.XXXXXX" };
	int fd = mkstemp(file.path);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	close(fd);
	return file;
}

static int read_bytes(struct config *config, const char *text, size_t len,
		      char *err, size_t err_size)
{
	struct file file = write_file(text, len);
	char message[CONFIG_ERR_SIZE] = "", *found, *tail;
	int status;

	status = config_read_file(config, file.path, message, sizeof(message));
	unlink(file.path);
	/* "vm" replaces the name of the file, which is random. */
	err[0] = '\0';
	for (tail = message; (found = strstr(tail, file.path)); ) {
		*found = '\0';
		strcat(strcat(err, tail), "vm");
		tail = found + strlen(file.path);
	}
	snprintf(err + strlen(err), err_size - strlen(err), "%s", tail);
	return status;
}

static int read_text(struct config *config, const char *text, char *err)
{
	return read_bytes(config, text, strlen(text), err, CONFIG_ERR_SIZE);
}

/* Parses a configuration that must have no error. */
static struct config *parse(const char *text)
{
	struct config *config = config_new();
	char err[CONFIG_ERR_SIZE];

	if (!CHECK(!read_text(config, text, err)) ||
	    !CHECK(!config_check(config, err, sizeof(err))))
		printf("# %s\n", err);
	return config;
}

static void set(struct config *config, const char *assignment)
{
	char err[CONFIG_ERR_SIZE] = "";

	if (!CHECK(!config_set(config, assignment, "--set", err, sizeof(err))))
		printf("# %s\n", err);
}

KTAP_TEST(defaults)
{
	struct config *config = config_new();
	char err[CONFIG_ERR_SIZE];

	CHECK_EQ(config_u64(config, "numvcpus"), 1);
	CHECK_EQ(config_u64(config, "vmxsim.channels"), 128);
	CHECK(config_limit(config, "sched.cpu.max") == CONFIG_UNLIMITED);
	CHECK(config_is(config, "vmxsim.host", "8.0"));
	CHECK(!config_given(config, "vmxsim.host"));
	CHECK(config_bool(config, "vmxsim.transport.lb"));
	CHECK(!config_bool(config, "scsi3:15.present"));
	CHECK_EQ(config_check(config, err, sizeof(err)), 0);
	config_free(config);
}

KTAP_TEST(syntax)
{
	struct config *config = parse(
		"\xef\xbb\xbf.encoding = \"UTF-8\"\r\n"
		"# a comment\n"
		"\n"
		"  numvcpus=\"4\"   # another\n"
		"MEMSIZE\t= 2048\t# a third\n"
		"displayName = \"not ours\"\n"
		"vmxsim.host.dmi.vendor = two words#1\n"
		"tools.guestlib.stat.provider = \"a |22quote|22, # and |7c|0A\"\n"
		"guestinfo.Mixed.Case = \"\"\n"
		"sched.cpu.max = \"Unlimited\"\n"
		"sched.mem.max = \"-1\"\n"
		"vmxsim.transport.hb = \"false\"\n"
		"vmxsim.quirk.UNLIMITED = \"Invalid\"\n"
		"VMXSIM.STAT.memusedmb = \"7\"");

	CHECK_EQ(config_u64(config, "numvcpus"), 4);
	CHECK_EQ(config_u64(config, "MemSize"), 2048);
	CHECK_STR(config_str(config, "vmxsim.host.dmi.vendor"), "two words#1");
	CHECK_STR(config_str(config, "tools.guestlib.stat.provider"),
		  "a \"quote\", # and |\n");
	CHECK_STR(config_str(config, "guestinfo.mixed.case"), "");
	CHECK(config_limit(config, "sched.cpu.max") == CONFIG_UNLIMITED);
	CHECK(config_limit(config, "sched.mem.max") == CONFIG_UNLIMITED);
	CHECK(!config_bool(config, "vmxsim.transport.hb"));
	CHECK(config_is(config, "vmxsim.quirk.unlimited", "invalid"));
	CHECK_STR(config_str(config, "vmxsim.stat.memUsedMB"), "7");
	config_free(config);
}

static const struct {
	const char *text;
	const char *message;
} wrong[] = {
	{ "a = \"1\"\nnonsense\n",
	  "vm:2: expected KEY = \"VALUE\", got \"nonsense\"" },
	{ "two words = \"1\"",
	  "vm:1: expected KEY = \"VALUE\", got \"two words = \"1\"\"" },
	{ " = \"1\"", NULL },
	{ "a#b = \"1\"",
	  "vm:1: expected KEY = \"VALUE\", got \"a#b = \"1\"\"" },
	{ "\"a\" = \"1\"", NULL },
	{ "memsize =", "vm:1: memsize: expected a value after \"=\"" },
	{ "memsize = # 12", "vm:1: memsize: expected a value after \"=\"" },
	{ "memsize = \"12", "vm:1: memsize: expected a closing quote" },
	{ "memsize = \"12\" MB",
	  "vm:1: memsize: expected nothing after the closing quote, got \"MB\"" },
	{ "a = \"|2\"",
	  "vm:1: a: expected two hexadecimal digits after \"|\"" },
	{ "a = \"|zz\"",
	  "vm:1: a: expected two hexadecimal digits after \"|\"" },
	{ "a = \"|", "vm:1: a: expected two hexadecimal digits after \"|\"" },
	{ "a = \"|00\"", "vm:1: a: expected a text, got |00" },
	{ "numvcpus = \"1\"\n\nNumVCPUs = \"2\"",
	  "vm:3: NumVCPUs: already given in vm:1" },
	{ "annotation = \"1\"\nannotation = \"1\"",
	  "vm:2: annotation: already given in vm:1" },
	{ "vmxsim.nothing = \"1\"",
	  "vm:1: vmxsim.nothing: there is no such key" },
	{ "VMXSIM.stat.cpuUsed = \"1\"",
	  "vm:1: VMXSIM.stat.cpuUsed: there is no such key" },
	{ "vmxsim.stat. = \"1\"", "vm:1: vmxsim.stat.: there is no such key" },
	{ "vmxsim.ha.window = \"x\"",
	  "vm:1: vmxsim.ha.window: expected a whole number of seconds from 1 to 3600, got \"x\"" },
	{ "vmxsim.ha.window = \"0\"",
	  "vm:1: vmxsim.ha.window: expected a whole number of seconds from 1 to 3600, got \"0\"" },
	{ "vmxsim.ha.window = \"3601\"",
	  "vm:1: vmxsim.ha.window: expected a whole number of seconds from 1 to 3600, got \"3601\"" },
	{ "vmxsim.ha.window = \"-1\"",
	  "vm:1: vmxsim.ha.window: expected a whole number of seconds from 1 to 3600, got \"-1\"" },
	{ "vmxsim.ha.window = \"\"",
	  "vm:1: vmxsim.ha.window: expected a whole number of seconds from 1 to 3600, got \"\"" },
	{ "vmxsim.ha.window = \"1|07\"",
	  "vm:1: vmxsim.ha.window: expected a whole number of seconds from 1 to 3600, got \"1|07\"" },
	{ "vmxsim.seed = \"18446744073709551616\"",
	  "vm:1: vmxsim.seed: expected a whole number from 0 to 18446744073709551615, got \"18446744073709551616\"" },
	{ "vmxsim.ha.action = \"explode\"",
	  "vm:1: vmxsim.ha.action: expected one of reset, log, got \"explode\"" },
	{ "vmxsim.host = \"8\"",
	  "vm:1: vmxsim.host: expected one of 4.0, 4.1, 5.5, 6.0, 7.0, 8.0, got \"8\"" },
	{ "vmxsim.host = \"4.0|7C4.1\"",
	  "vm:1: vmxsim.host: expected one of 4.0, 4.1, 5.5, 6.0, 7.0, 8.0, got \"4.0|4.1\"" },
	{ "vmxsim.transport.hb = \"TRUE\"\nvmxsim.door.hb = \"TRUE\"",
	  "vm:2: vmxsim.door.hb: already given in vm:1" },
	{ "vmxsim.transport.lb = \"perhaps\"",
	  "vm:1: vmxsim.transport.lb: expected TRUE or FALSE, got \"perhaps\"" },
	{ "sched.cpu.max = \"much\"",
	  "vm:1: sched.cpu.max: expected a whole number of MHz from 0 to 4294967294, or unlimited, got \"much\"" },
	{ "sched.cpu.shares = \"0\"",
	  "vm:1: sched.cpu.shares: expected low, normal, high or a whole number of shares from 1 to 4294967295, got \"0\"" },
	{ "vmxsim.stat.memUsedMB = \"4294967296\"",
	  "vm:1: vmxsim.stat.memUsedMB: expected a whole number from 0 to 4294967295, unavailable or absent, got \"4294967296\"" },
	{ "vmxsim.stat.resourcePoolPath = \"1\"",
	  "vm:1: vmxsim.stat.resourcePoolPath: expected unavailable or absent, got \"1\"" },
	{ "ethernet0.address = \"00:0c:29:1e:23\"",
	  "vm:1: ethernet0.address: expected a MAC address such as 00:0c:29:1e:23:f3, got \"00:0c:29:1e:23\"" },
	{ "uuid.bios = \"564d\"",
	  "vm:1: uuid.bios: expected 16 bytes in hexadecimal such as \"56 4d 2c 53 43 56 66 8e-7c 05 fd 7e 51 1e 23 f3\", got \"564d\"" },
};

KTAP_TEST(former_names)
{
	char err[CONFIG_ERR_SIZE];
	struct config *config = parse("VMXSIM.door.HB.minsize = \"7\"");

	CHECK_EQ(config_u64(config, "vmxsim.transport.hb.minSize"), 7);
	CHECK_EQ(config_u64(config, "vmxsim.door.hb.minSize"), 7);
	CHECK(config_given(config, "vmxsim.door.hb.minSize"));
	CHECK_EQ(config_set(config, "vmxsim.door.lb=FALSE", "--set", err, sizeof(err)), 0);
	CHECK(!config_bool(config, "vmxsim.transport.lb"));
	CHECK_EQ(config_change(config, "vmxsim.door.lb", "TRUE", err, sizeof(err)), 0);
	CHECK(config_bool(config, "vmxsim.transport.lb"));
	CHECK_EQ(config_set(config, "vmxsim.door.x=1", "--set", err, sizeof(err)), -1);
	CHECK_STR(err, "--set: vmxsim.door.x: there is no such key");
	config_free(config);
}

KTAP_TEST(errors_of_a_line)
{
	char err[CONFIG_ERR_SIZE];
	struct config *config;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		config = config_new();
		CHECK_EQ(read_text(config, wrong[i].text, err), -1);
		if (wrong[i].message)
			CHECK_STR(err, wrong[i].message);
		else
			CHECK(!strncmp(err, "vm:1: expected KEY", 18));
		config_free(config);
	}
}

KTAP_TEST(a_nul_byte)
{
	struct config *config = config_new();
	char err[CONFIG_ERR_SIZE];

	CHECK_EQ(read_bytes(config, "a = \"1\"\nb\0 = 2\n", 15, err,
			    sizeof(err)), -1);
	CHECK_STR(err, "vm:2: expected text, got a NUL byte");
	config_free(config);
}

KTAP_TEST(a_long_value_is_cut_in_messages)
{
	struct config *config = config_new();
	char text[400], err[CONFIG_ERR_SIZE];

	memset(text, 'x', sizeof(text));
	memcpy(text, "memsize=", 8);
	text[sizeof(text) - 1] = '\0';
	CHECK_EQ(config_set(config, text, "--set", err, sizeof(err)), -1);
	CHECK(strlen(err) < 200);
	CHECK(!strcmp(err + strlen(err) - 5, "x...\""));
	config_free(config);
}

KTAP_TEST(a_missing_file)
{
	struct config *config = config_new();
	char err[CONFIG_ERR_SIZE];

	CHECK_EQ(config_read_file(config, "/nonexistent/vm.vmx", err,
				  sizeof(err)), -1);
	CHECK_STR(err, "/nonexistent/vm.vmx: No such file or directory");
	CHECK_EQ(config_read_file(config, "/", err, sizeof(err)), -1);
	CHECK_STR(err, "/: Is a directory");
	config_free(config);
}

KTAP_TEST(options_override_files)
{
	struct config *config = config_new();
	char err[CONFIG_ERR_SIZE];

	set(config, "memsize=1024");
	CHECK_EQ(read_text(config, "memsize = \"2048\"\n", err), 0);
	CHECK_EQ(config_u64(config, "memsize"), 1024);
	set(config, "memsize=\"4096\"");
	set(config, "vmxsim.host.dmi.product=a = |22b\" #c");
	CHECK_EQ(config_u64(config, "memsize"), 4096);
	CHECK_STR(config_str(config, "vmxsim.host.dmi.product"),
		  "a = |22b\" #c");
	config_free(config);

	/* An error of the file is reported although an option overrides the line. */
	config = config_new();
	set(config, "memsize=1024");
	CHECK_EQ(read_text(config, "memsize = \"all\"\n", err), -1);
	CHECK_STR(err, "vm:1: memsize: expected a whole number of MB from 4 to 16777216, got \"all\"");
	CHECK_EQ(read_text(config, "memsize = \"8\"\nmemsize = \"9\"\n", err),
		 -1);
	CHECK_STR(err, "vm:2: memsize: already given in vm:1");
	config_free(config);
}

KTAP_TEST(errors_of_an_option)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "memsize", "--set: expected KEY=VALUE, got \"memsize\"" },
		{ "=1", "--set: expected KEY=VALUE, got \"=1\"" },
		{ "mem size=1", "--set: expected KEY=VALUE, got \"mem size=1\"" },
		{ "memsize=\"1", "--set: memsize: expected a closing quote" },
		{ "memsize=\"8\"x", "--set: memsize: expected nothing after the closing quote" },
		{ "memsize=", "--set: memsize: expected a whole number of MB from 4 to 16777216, got \"\"" },
		{ "vmxsim.x=1", "--set: vmxsim.x: there is no such key" },
	};
	struct config *config = config_new();
	char err[CONFIG_ERR_SIZE];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_EQ(config_set(config, bad[i].text, "--set", err,
				    sizeof(err)), -1);
		CHECK_STR(err, bad[i].message);
	}
	config_free(config);
}

KTAP_TEST(impossible_configurations)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "memsize = 512\nsched.mem.min = 513\n",
		  "vm:2: sched.mem.min: expected at most 512 (memsize), got 513" },
		{ "sched.mem.min = 200\nsched.mem.max = 199\n",
		  "vm:2: sched.mem.max: expected at least 200 (sched.mem.min), got 199" },
		{ "sched.cpu.min = 2400\n",
		  "vm:1: sched.cpu.min: expected at most 2399 (numvcpus x vmxsim.host.processorMHz), got 2400" },
		{ "sched.cpu.min = 2000\nvmxsim.vmotion.processorMHz = 1999\n",
		  "vm:1: sched.cpu.min: expected at most 1999 (numvcpus x vmxsim.vmotion.processorMHz), got 2000" },
		{ "sched.cpu.min = 100\nsched.cpu.max = 99\n",
		  "vm:2: sched.cpu.max: expected at least 100 (sched.cpu.min), got 99" },
		{ "numvcpus = 17\n",
		  "vm:1: numvcpus: expected at most 16 (vmxsim.host.threads), got 17" },
		{ "vmxsim.host.packages = 3\n",
		  "vmxsim.host.cores: expected a multiple of vmxsim.host.packages, got 8" },
		{ "vmxsim.host.threads = 12\n",
		  "vm:1: vmxsim.host.threads: expected a multiple of vmxsim.host.cores, got 12" },
		{ "vmxsim.contention.cpu = 60\nvmxsim.contention.mem = 41\n",
		  "vm:2: vmxsim.contention.mem: expected at most 40 (what vmxsim.contention.cpu leaves of 100), got 41" },
		{ "vmxsim.host.memMB = 512\n",
		  "vm:1: vmxsim.host.memMB: expected at least 558 (memsize, overhead and hypervisor), got 512" },
		{ "numvcpus = 4\ncpuid.coresPerSocket = 3\n",
		  "vm:2: cpuid.coresPerSocket: expected a divisor of numvcpus, which is 4" },
		{ "SCSI4:0.present = TRUE\n",
		  "vm:1: scsi4:0.present: expected a disk from scsi0:0 to scsi3:63" },
		{ "scsi3:64.present = TRUE\n",
		  "vm:1: scsi3:64.present: expected a disk from scsi0:0 to scsi3:63" },
		{ "nvme4:0.present = TRUE\n",
		  "vm:1: nvme4:0.present: expected a disk from nvme0:0 to nvme3:63" },
	};
	char err[CONFIG_ERR_SIZE], *found;
	struct config *config;
	struct file file;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		config = config_new();
		file = write_file(bad[i].text, strlen(bad[i].text));
		CHECK_EQ(config_read_file(config, file.path, err,
					  sizeof(err)), 0);
		unlink(file.path);
		CHECK_EQ(config_check(config, err, sizeof(err)), -1);
		found = strstr(err, file.path);
		if (found) {
			memmove(found + 2, found + strlen(file.path),
				strlen(found + strlen(file.path)) + 1);
			memcpy(found, "vm", 2);
		}
		CHECK_STR(err, bad[i].message);
		config_free(config);
	}
}

KTAP_TEST(variables_of_guestinfo_are_too_large_together)
{
	const size_t len = GUESTINFO_SIZE_MAX / 16;
	struct config *config = config_new();
	char err[CONFIG_ERR_SIZE] = "";
	char *text = malloc(len + 2);
	int i;

	for (i = 0; i < 16; i++) {
		/* The name and the value have len bytes; '=' is the byte between them. */
		memset(text, 'x', len + 1);
		text[len + 1] = '\0';
		text[sprintf(text, "guestinfo.%02d=", i)] = 'x';
		CHECK_EQ(config_set(config, text, "--set", err, sizeof(err)), 0);
	}
	CHECK_EQ(config_check(config, err, sizeof(err)), 0);
	CHECK_EQ(config_set(config, "guestinfo.16=", "--set", err, sizeof(err)), 0);
	CHECK_EQ(config_check(config, err, sizeof(err)), -1);
	CHECK_STR(err, "--set: guestinfo.16: expected at most 1048576 bytes in all variables of guestinfo");
	free(text);
	config_free(config);
}

KTAP_TEST(keys_in_the_order_of_their_numbers)
{
	static const char *const order[] = {
		"ethernet0.address", "ethernet10.present", "scsi0:0.present",
		"scsi0:2.present", "scsi0:10.present", "scsi1:0.present",
	};
	struct config *config = parse("scsi0:10.present = TRUE\n"
				      "scsi1:0.present = TRUE\n"
				      "unknown = 1\n"
				      "SCSI0:2.PRESENT = TRUE\n"
				      "scsi0:0.present = TRUE\n"
				      "ethernet10.present = TRUE\n"
				      "scsi0:100.present = TRUE\n"
				      "scsi0:01.present = TRUE\n"
				      "ethernet0.address = 00:50:56:00:00:01\n");
	const char *key, *value;
	size_t cursor = 0, i = 0;

	while (config_next(config, &cursor, &key, &value))
		if (CHECK(i < sizeof(order) / sizeof(order[0])))
			CHECK_STR(key, order[i++]);
	CHECK_EQ(i, sizeof(order) / sizeof(order[0]));
	config_free(config);
}

KTAP_TEST(written_configurations_read_back)
{
	static const char tricky[] = "a \"b\" |c| \t\n\x01\x7f\xc3\xa9 #d ";
	struct config *config = config_new(), *again = config_new();
	const char *key, *value, *other_key, *other_value;
	char err[CONFIG_ERR_SIZE], assignment[128], *text = NULL;
	size_t size, cursor = 0, other = 0;
	FILE *out;

	snprintf(assignment, sizeof(assignment), "vmxsim.pool.path=%s", tricky);
	set(config, assignment);
	set(config, "guestinfo.empty=");
	set(config, "sched.mem.max=unlimited");
	set(config, "numVCPUs=3");
	out = open_memstream(&text, &size);
	CHECK_EQ(config_write(config, out), 0);
	fclose(out);
	CHECK_EQ(read_text(again, text, err), 0);
	while (config_next(config, &cursor, &key, &value)) {
		if (!CHECK(config_next(again, &other, &other_key, &other_value)))
			break;
		CHECK_STR(other_key, key);
		CHECK_STR(other_value, value);
	}
	CHECK(!config_next(again, &other, &other_key, &other_value));
	CHECK_STR(config_str(again, "vmxsim.pool.path"), tricky);
	free(text);
	config_free(config);
	config_free(again);
}

KTAP_TEST(changes_while_running)
{
	struct config *config = parse("memsize = 512\nsched.mem.min = 100\n");
	char err[CONFIG_ERR_SIZE] = "";

	CHECK_EQ(config_change(config, "sched.mem.min", "200", err,
			       sizeof(err)), 0);
	CHECK_EQ(config_u64(config, "sched.mem.min"), 200);
	CHECK_EQ(config_change(config, "sched.mem.min", "513", err,
			       sizeof(err)), -1);
	CHECK_STR(err, "vmxsim.set: sched.mem.min: expected at most 512 (memsize), got 513");
	CHECK_EQ(config_u64(config, "sched.mem.min"), 200);
	CHECK_EQ(config_change(config, "memsize", "1024", err, sizeof(err)), -1);
	CHECK_STR(err, "memsize: fixed at power on");
	CHECK_EQ(config_change(config, "annotation", "x", err, sizeof(err)), -1);
	CHECK_STR(err, "annotation: there is no such key");
	CHECK_EQ(config_change(config, "vmxsim.ha.window", "x", err,
			       sizeof(err)), -1);
	CHECK_STR(err, "vmxsim.ha.window: expected a whole number of seconds from 1 to 3600, got \"x\"");
	CHECK_EQ(config_change(config, "sched.mem.min", NULL, err,
			       sizeof(err)), 0);
	CHECK_EQ(config_u64(config, "sched.mem.min"), 0);
	CHECK(!config_given(config, "sched.mem.min"));
	config_free(config);
}

/*
 * The defaults of these keys describe a machine for tests, and claim nothing about hosts. The
 * defaults of all other keys need a source.
 */
static bool claims_nothing(const char *name)
{
	static const char *const chosen[] = {
		"numvcpus", "memsize", "ide#", "nvme#", "sata#", "scsi#", "ethernet#",
		"guestinfo.", "vmxsim.host", "vmxsim.vmotion.", "vmxsim.pool.path",
		"vmxsim.seed", "vmxsim.stat.", "vmxsim.load.", "vmxsim.contention.",
		"vmxsim.mem.", "vmxsim.cpu",
	};
	size_t i;

	for (i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++)
		if (!strncmp(name, chosen[i], strlen(chosen[i])))
			return true;
	return false;
}

KTAP_TEST(defaults_have_a_source)
{
	const struct key *key = config_keys;

	for (; key < config_keys + config_key_count; key++)
		if (!CHECK(key->source[0] || claims_nothing(key->name)))
			printf("# %s\n", key->name);
}

/* Every row of the table accepts its own default, and has a help text. */
KTAP_TEST(the_table_agrees_with_itself)
{
	char *text = NULL, *line, *save = NULL, *end;
	char err[CONFIG_ERR_SIZE], assignment[512];
	struct config *config = config_new();
	size_t size, rows = 0;
	FILE *out = open_memstream(&text, &size);

	config_help(out);
	fclose(out);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (line[0] == '\t') {
			CHECK(strlen(line) > 5);
			continue;
		}
		rows++;
		end = strstr(line, "]");
		if (!end || strchr(line, '#'))
			continue;
		*end = '\0';
		*strchr(line, ' ') = '\0';
		snprintf(assignment, sizeof(assignment), "%s=%s", line,
			 strrchr(line + strlen(line) + 1, '[') + 1);
		if (!CHECK(!config_set(config, assignment, "default", err,
				       sizeof(err))))
			printf("# %s\n", err);
	}
	CHECK(rows > 60);
	free(text);
	text = config_help_key("Vmxsim.HA.window");
	CHECK_STR(text, "vmxsim.ha.window = a whole number of seconds from 1 to 3600 [30]\n"
		  "\tlongest time between heartbeats; after it the status is red\n"
		  "\tSource of the default: vSphere API: failureInterval of "
		  "ClusterVmToolsMonitoringSettings\n");
	free(text);
	CHECK(!config_help_key("vmxsim.nothing"));
	config_free(config);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(defaults),
	KTAP_ENTRY(syntax),
	KTAP_ENTRY(former_names),
	KTAP_ENTRY(errors_of_a_line),
	KTAP_ENTRY(a_nul_byte),
	KTAP_ENTRY(a_long_value_is_cut_in_messages),
	KTAP_ENTRY(a_missing_file),
	KTAP_ENTRY(options_override_files),
	KTAP_ENTRY(errors_of_an_option),
	KTAP_ENTRY(impossible_configurations),
	KTAP_ENTRY(keys_in_the_order_of_their_numbers),
	KTAP_ENTRY(written_configurations_read_back),
	KTAP_ENTRY(changes_while_running),
	KTAP_ENTRY(defaults_have_a_source),
	KTAP_ENTRY(the_table_agrees_with_itself),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
