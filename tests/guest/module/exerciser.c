// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * A fuzzer. Four threads share eight open files of /dev/vmguestlib. They make random calls on
 * these files and on the files in sysfs. An argument is valid at first. Then the program makes
 * up to four changes to its bytes, its size or its addresses. If the kernel has KCOV (code
 * coverage), the program keeps each argument that has reached new code, and derives later
 * arguments from it.
 *
 *	exerciser friendly	the host works
 *	exerciser hostile	the host has random faults
 *
 * The program ends when it has made FUZZ_CALLS (default 10000) calls and the module has made
 * FUZZ_REQUESTS (default 0) requests to the host. If FUZZ_SECONDS is not 0, the program ends
 * after this time instead. FUZZ_SEED (default 1) is the seed of the random numbers.
 *
 * The program checks that
 *
 *  - each error is one that uapi/linux/vmguestlib.h documents for the call,
 *  - the module writes nothing beyond the size or length that the caller gave, and nothing at
 *    all if the call fails with an error other than ENOSPC,
 *  - all requests succeed after the faults of the host have ended.
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "heartbeat.h"
#include "ktap.h"
#include "snapshot.h"

#define THREADS		4
#define FILES		8
#define PAGE		4096
#define POISON		0xa5
#define POISONED	12288	/* bytes of the buffer that are set to POISON before a call */
#define TEXT_MAX	64	/* the first of these bytes, which may get text for the call */
#define ROOM		(2 * VMGUESTLIB_REPLY_MAX)
#define INPUT_MAX	128	/* at least the size of the longest argument */
#define CORPUS_MAX	1024	/* arguments that are kept */
#define SPEECH_MAX	20	/* complaints that are printed */

/* --- requests and their errors ---------------------------------------------------- */

#define E(number)	(UINT64_C(1) << ((number) % 64))

/* Documented error numbers, one bit for each: @low for 0 to 63, @high for 64 to 127 */
struct errors {
	uint64_t low, high;
};

#define ARGUMENT	(E(EINVAL) | E(E2BIG) | E(EFAULT) | E(EPERM))
/* No thread gets a signal, so no call fails with EINTR. */
#define HOST		(ARGUMENT | E(ENOMEM) | E(EIO))
#define HOST_HIGH	(E(EOPNOTSUPP) | E(EREMOTEIO) | E(ETIMEDOUT) | E(EPROTO) | \
			 E(EMSGSIZE))

static const struct kind {
	unsigned long number;
	uint32_t size;
	struct errors errors;
	bool asks_host;		/* may cause a request to the host */
} kinds[] = {
	{ VMGUESTLIB_IOC_ABI_INFO, sizeof(struct vmguestlib_abi_info),
	  { ARGUMENT, E(EOPNOTSUPP) }, false },
	{ VMGUESTLIB_IOC_GET_INFO, sizeof(struct vmguestlib_get_info),
	  { HOST, HOST_HIGH }, true },
	{ VMGUESTLIB_IOC_STAT_GET, sizeof(struct vmguestlib_stat_get),
	  { HOST | E(ENAMETOOLONG) | E(ENOSPC), HOST_HIGH }, true },
	{ VMGUESTLIB_IOC_HOST_TIME, sizeof(struct vmguestlib_host_time),
	  { ARGUMENT, E(EOPNOTSUPP) }, false },
	{ VMGUESTLIB_IOC_CPU_SPEED, sizeof(struct vmguestlib_cpu_speed),
	  { ARGUMENT, E(EOPNOTSUPP) }, false },
	{ VMGUESTLIB_IOC_WATCH, sizeof(struct vmguestlib_watch),
	  { ARGUMENT, E(EOPNOTSUPP) }, false },
	{ VMGUESTLIB_IOC_EVENTS, sizeof(struct vmguestlib_events),
	  { ARGUMENT, E(EOPNOTSUPP) }, false },
	{ VMGUESTLIB_IOC_HEARTBEAT_ARM, sizeof(struct vmguestlib_heartbeat_arm),
	  { HOST | E(EEXIST) | E(EBUSY) | E(ENOSPC) | E(EACCES),
	    HOST_HIGH | E(EALREADY) }, true },
	{ VMGUESTLIB_IOC_HEARTBEAT_BEAT, sizeof(struct vmguestlib_heartbeat),
	  { ARGUMENT | E(ETIME), E(EOPNOTSUPP) | E(ENOTCONN) }, false },
	{ VMGUESTLIB_IOC_HEARTBEAT_DISARM, sizeof(struct vmguestlib_heartbeat),
	  { ARGUMENT, E(EOPNOTSUPP) | E(ENOTCONN) }, true },
	{ VMGUESTLIB_IOC_HEARTBEAT_QUERY, sizeof(struct vmguestlib_heartbeat),
	  { ARGUMENT, E(EOPNOTSUPP) }, false },
	{ VMGUESTLIB_IOC_HEARTBEAT_LIST, sizeof(struct vmguestlib_heartbeat_list),
	  { ARGUMENT | E(ENOMEM), E(EOPNOTSUPP) }, false },
	{ VMGUESTLIB_IOC_HEARTBEAT_CLEAR, sizeof(struct vmguestlib_heartbeat_clear),
	  { ARGUMENT | E(ENOENT) | E(EBUSY), E(EOPNOTSUPP) }, true },
	{ VMGUESTLIB_IOC_APPMON, sizeof(struct vmguestlib_appmon),
	  { HOST | E(EACCES), HOST_HIGH }, true },
	{ VMGUESTLIB_IOC_RPC, sizeof(struct vmguestlib_rpc),
	  { HOST | E(ENOSPC), HOST_HIGH }, true },
};

#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static bool is_among(const struct errors *errors, int error)
{
	if (!error)
		return true;
	if (error < 64)
		return errors->low & E(error);
	return error < 128 && errors->high & E(error);
}

/* --- data of all threads ---------------------------------------------------------- */

static bool is_hostile;
static atomic_ulong calls, complaints;
static atomic_bool over;
static int files[FILES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct input {
	uint8_t kind;
	uint8_t bytes[INPUT_MAX];
};

static struct input corpus[CORPUS_MAX];
static unsigned int corpus_len;

/* Data of one thread */
struct player {
	pthread_t thread;
	uint64_t random;
	uint8_t *area;		/* page of the argument; the next page cannot be accessed */
	uint8_t *buffer;	/* 2 * ROOM bytes; addresses in arguments are in the first half */
	uint64_t *coverage;	/* buffer of KCOV, or NULL */
	struct input input;
	uint8_t before[PAGE];	/* content of @area before the call */
};

static uint32_t chance(struct player *player, uint32_t below)
{
	player->random = player->random * UINT64_C(6364136223846793005) + 1;
	return (player->random >> 33) % below;
}

static void complain(const struct player *player, const char *what, int error)
{
	const uint32_t *words = (const uint32_t *)player->input.bytes;
	unsigned int i;

	if (atomic_fetch_add(&complaints, 1) >= SPEECH_MAX)
		return;
	printf("# request %u: %s: %s:", player->input.kind, what, strerror(error));
	for (i = 0; i < kinds[player->input.kind].size / 4; i++)
		printf(" %x", words[i]);
	printf("\n");
}

/* --- coverage --------------------------------------------------------------------- */

#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_TRACE_PC	0
#define COVERAGE_WORDS	65536
#define SEEN_BITS	20

static uint64_t seen[1 << SEEN_BITS];
static unsigned long distinct;

static void begin_coverage(struct player *player)
{
	int file = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	void *area;

	if (file < 0 || ioctl(file, KCOV_INIT_TRACE, COVERAGE_WORDS))
		return;
	area = mmap(NULL, COVERAGE_WORDS * sizeof(uint64_t),
		    PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (area != MAP_FAILED && !ioctl(file, KCOV_ENABLE, KCOV_TRACE_PC))
		player->coverage = area;
}

/*
 * Returns whether the code at @pc is reached for the first time. When the hash table is half
 * full, no further code is regarded as new.
 */
static bool see(uint64_t pc)
{
	uint32_t at = pc * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SEEN_BITS);

	while (seen[at] && seen[at] != pc)
		at = (at + 1) & ((1u << SEEN_BITS) - 1);
	if (seen[at] || distinct >= (1u << SEEN_BITS) / 2)
		return false;
	seen[at] = pc;
	distinct++;
	return true;
}

static void reset_coverage(struct player *player)
{
	if (player->coverage)
		__atomic_store_n(&player->coverage[0], 0, __ATOMIC_RELAXED);
}

/* Keeps the input of the last call if the call has reached new code. */
static void learn(struct player *player)
{
	uint64_t count, i;
	bool is_new = false;

	if (!player->coverage)
		return;
	count = __atomic_load_n(&player->coverage[0], __ATOMIC_RELAXED);
	pthread_mutex_lock(&lock);
	for (i = 1; i <= count && i < COVERAGE_WORDS; i++)
		is_new |= see(player->coverage[i]);
	if (is_new && corpus_len < CORPUS_MAX)
		corpus[corpus_len++] = player->input;
	pthread_mutex_unlock(&lock);
}

/* --- inputs ----------------------------------------------------------------------- */

static uint64_t some_address(struct player *player)
{
	switch (chance(player, 16)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return UINT64_MAX - chance(player, 64);
	case 3:		/* physical memory, in a kernel without KASLR */
		return UINT64_C(0xffff888000000000) + chance(player, 4096);
	case 4:		/* after the last page of user space */
		return UINT64_C(0x7ffffffff000) + chance(player, 8192);
	case 5:
		return (uintptr_t)player->area + PAGE - chance(player, 16);
	case 6:		/* not canonical, with page tables of four levels */
		return UINT64_C(1) << (47 + chance(player, 17));
	default:
		return (uintptr_t)player->buffer;
	}
}

static uint32_t some_number(struct player *player)
{
	static const uint32_t odd[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 31, 32, 38, 39, 40, 63, 64, 99, 100, 255, 256,
		999, 1000, 1001, 4095, 4096, 4097, 65535, 65536, 65537, 3600000,
		3600001, 0x7fffffff, 0x80000000, 0xffffffff,
	};

	if (chance(player, 4))
		return odd[chance(player, sizeof(odd) / sizeof(odd[0]))];
	return chance(player, UINT32_MAX);
}

static void put_word(struct player *player, const char *const *words,
		     uint32_t count, void *to, size_t size)
{
	memset(to, 0, size);
	strncpy(to, words[chance(player, count)], size - 1);
}

/* Writes a random text to the buffer, for requests that point to text. Returns its length. */
static uint32_t some_text(struct player *player)
{
	static const char *const texts[] = {
		"text", "json", "xml", "yaml", "", "session", "resources",
		"info-get guestinfo.a", "guestlib.info.get 3", "guestlib.info.get 2",
		"GuestAppMonitor.Cmd.GetAppStatus", "info-set guestinfo.a b", "log x",
	};
	const char *text = texts[chance(player, sizeof(texts) / sizeof(texts[0]))];

	memcpy(player->buffer, text, strlen(text));
	return strlen(text);
}

/* Makes an argument that the module accepts, except for some of its names and texts. */
static void make_right(struct player *player)
{
	static const char *const names[] = { "a", "b", "c", "d-1", "api", "watchdog" };
	static const char *const states[] = { "OK", "needReset", "appStateOk", "x" };
	struct input *input = &player->input;
	void *arg = input->bytes;
	uint64_t address = (uintptr_t)player->buffer;

	memset(arg, 0, INPUT_MAX);
	memcpy(arg, &kinds[input->kind].size, sizeof(uint32_t));
	switch (kinds[input->kind].number) {
	case VMGUESTLIB_IOC_GET_INFO: {
		struct vmguestlib_get_info *info = arg;

		info->values = address;
		info->values_len = VMGUESTLIB_STAT_END;
		info->path = chance(player, 2) ? address + 8192 : 0;
		info->path_len = chance(player, 600);
		info->long_path = chance(player, 2) ? address + 16384 : 0;
		info->long_path_len = chance(player, 5000);
		break;
	}
	case VMGUESTLIB_IOC_STAT_GET: {
		struct vmguestlib_stat_get *get = arg;

		get->encoding = get->stat = get->reply = address;
		get->encoding_len = chance(player, 5);
		get->stat_len = some_text(player);
		get->reply_len = VMGUESTLIB_REPLY_MAX;
		break;
	}
	case VMGUESTLIB_IOC_WATCH:
		((struct vmguestlib_watch *)arg)->interval_ms =
			chance(player, 3) * 50;
		break;
	case VMGUESTLIB_IOC_HEARTBEAT_ARM: {
		struct vmguestlib_heartbeat_arm *arm = arg;

		put_word(player, names, 6, arm->name, sizeof(arm->name));
		arm->deadline_ms = 1000 + chance(player, 4000);
		arm->action = chance(player, 2);
		break;
	}
	case VMGUESTLIB_IOC_HEARTBEAT_LIST: {
		struct vmguestlib_heartbeat_list *list = arg;

		list->clients = address;
		list->clients_len = chance(player, 10);
		break;
	}
	case VMGUESTLIB_IOC_HEARTBEAT_CLEAR: {
		struct vmguestlib_heartbeat_clear *clear = arg;

		put_word(player, names, 6, clear->name, sizeof(clear->name));
		break;
	}
	case VMGUESTLIB_IOC_APPMON: {
		struct vmguestlib_appmon *appmon = arg;

		appmon->op = 1 + chance(player, 6);
		put_word(player, states, 4, appmon->text, sizeof(appmon->text));
		break;
	}
	case VMGUESTLIB_IOC_RPC: {
		struct vmguestlib_rpc *rpc = arg;

		rpc->request = rpc->reply = address;
		rpc->request_len = some_text(player);
		rpc->reply_len = VMGUESTLIB_REPLY_MAX;
		break;
	}
	}
}

static void change_once(struct player *player)
{
	struct input *input = &player->input;
	uint32_t size = kinds[input->kind].size;
	uint32_t number = some_number(player);
	uint64_t address = some_address(player);

	switch (chance(player, 5)) {
	case 0:
		input->bytes[chance(player, size)] ^= 1u << chance(player, 8);
		break;
	case 1:
		memcpy(input->bytes + chance(player, size / 4) * 4, &number, 4);
		break;
	case 2:
		if (size >= 16)
			memcpy(input->bytes + chance(player, size / 8) * 8, &address,
			       8);
		break;
	case 3:
		number = size + chance(player, 24) - 8;
		memcpy(input->bytes, &number, 4);
		break;
	default:
		input->bytes[chance(player, size)] = number;
		break;
	}
}

/* Returns whether the input is a steering request, which could end the faults of the host. */
static bool steers(const struct player *player)
{
	return kinds[player->input.kind].number == VMGUESTLIB_IOC_RPC &&
	       memmem(player->buffer, ROOM, "vmxsim.", 7);
}

static bool is_address(uint64_t word)
{
	return word >= PAGE && word < UINT64_C(1) << 47;
}

static bool is_own(const struct player *player, uint64_t address)
{
	uint64_t buffer = (uintptr_t)player->buffer, area = (uintptr_t)player->area;

	return (address >= buffer && address < buffer + ROOM) ||
	       (address >= area && address < area + PAGE);
}

/* Replaces addresses of other memory of this program, because the module could write there. */
static void spare_others(struct player *player)
{
	uint64_t address;
	unsigned char unused;
	size_t at;

	for (at = 8; at + 8 <= INPUT_MAX; at += 8) {
		memcpy(&address, player->input.bytes + at, 8);
		if (!is_address(address) || is_own(player, address) ||
		    mincore((void *)(uintptr_t)(address & ~(PAGE - 1ull)), 1, &unused))
			continue;
		address = (uintptr_t)player->buffer;
		memcpy(player->input.bytes + at, &address, 8);
	}
}

static void choose_input(struct player *player)
{
	unsigned int changes = chance(player, 5);
	bool is_known = false;

	pthread_mutex_lock(&lock);
	if (corpus_len && chance(player, 2)) {
		player->input = corpus[chance(player, corpus_len)];
		is_known = true;
	}
	pthread_mutex_unlock(&lock);
	if (!is_known) {
		do
			player->input.kind = chance(player, KINDS);
		while (is_hostile && !kinds[player->input.kind].asks_host);
		make_right(player);
	}
	while (changes--)
		change_once(player);
	spare_others(player);
}

/* --- one request ------------------------------------------------------------------ */

/*
 * Copies the argument to the end of its page, so that an access beyond the argument fails. If
 * no argument can have the size @size, the argument has the size of the structure in the uapi.
 */
static uint8_t *place(struct player *player, uint32_t size)
{
	uint32_t known = kinds[player->input.kind].size;
	uint32_t len = size >= 8 && size <= PAGE ? size : known;
	uint8_t *at = player->area + PAGE - len;

	memset(player->area, POISON, PAGE);
	memset(at, 0, len);
	memcpy(at, player->input.bytes, len < known ? len : known);
	memcpy(player->before, player->area, PAGE);
	return at;
}

/* Returns whether the call has changed the member "size", or bytes beside the structure. */
static bool is_changed_beyond(const struct player *player, const uint8_t *at,
			      uint32_t size)
{
	uint32_t known = kinds[player->input.kind].size;
	size_t from = at - player->area;
	size_t to = from + (size < known ? size : known);

	return memcmp(player->area, player->before, from) ||
	       (to < PAGE &&
		memcmp(player->area + to, player->before + to, PAGE - to)) ||
	       memcmp(at, player->before + from, sizeof(uint32_t));
}

/* Returns whether an address in the argument lets the module write to the argument's page. */
static bool points_into_area(const struct player *player)
{
	const uint64_t *words = (const uint64_t *)player->input.bytes;
	uint64_t area = (uintptr_t)player->area;
	size_t i;

	for (i = 0; i < INPUT_MAX / 8; i++)
		if (words[i] + ROOM > area && words[i] < area + PAGE)
			return true;
	return false;
}

/*
 * Returns whether each statistic has a valid state, and whether nothing was written after the
 * last one. If the module may have written a path over the statistics, they are not checked.
 */
static bool values_are_sane(const struct vmguestlib_get_info *wanted,
			    const struct player *player)
{
	const struct vmguestlib_value *values = (void *)player->buffer;
	uint32_t count = wanted->values_len, i;

	if (wanted->values != (uintptr_t)player->buffer)
		return true;
	if (wanted->path && wanted->path < wanted->values + 8192)
		return true;
	if (wanted->long_path && wanted->long_path < wanted->values + 8192)
		return true;
	if (count > VMGUESTLIB_STAT_END)
		count = VMGUESTLIB_STAT_END;
	for (i = 0; i < count; i++)
		if (values[i].state > VMGUESTLIB_VALUE_GIVEN || values[i].__reserved ||
		    (values[i].state != VMGUESTLIB_VALUE_GIVEN && values[i].value))
			return false;
	return ((const uint8_t *)&values[count])[0] == POISON;
}

static bool is_poisoned(const uint8_t *bytes, size_t len)
{
	return bytes[0] == POISON && !memcmp(bytes, bytes + 1, len - 1);
}

static size_t lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Returns how many bytes a successful call may have written to the buffer; ROOM if unknown. */
static size_t said_to_be_written(const struct player *player, const uint8_t *at)
{
	const struct input *input = &player->input;
	uint64_t buffer = (uintptr_t)player->buffer;

	switch (kinds[input->kind].number) {
	case VMGUESTLIB_IOC_STAT_GET: {
		const struct vmguestlib_stat_get *get = (const void *)at;

		return get->reply == buffer ? get->reply_len : ROOM;
	}
	case VMGUESTLIB_IOC_RPC: {
		const struct vmguestlib_rpc *rpc = (const void *)at;

		return rpc->reply == buffer ? rpc->reply_len : ROOM;
	}
	case VMGUESTLIB_IOC_HEARTBEAT_LIST: {
		const struct vmguestlib_heartbeat_list *wanted =
			(const void *)input->bytes, *list = (const void *)at;

		return list->clients == buffer ?
		       lesser(list->clients_len, wanted->clients_len) *
		       sizeof(struct vmguestlib_heartbeat_client) : ROOM;
	}
	case VMGUESTLIB_IOC_GET_INFO:
		return ROOM;
	}
	return 0;
}

/* Returns whether the module has written to the buffer beyond the reply. */
static bool is_written_behind(const struct player *player, const uint8_t *at,
			      uint32_t size, int error)
{
	size_t written = TEXT_MAX;

	if (size < kinds[player->input.kind].size)
		return false;
	if (said_to_be_written(player, at) == ROOM)
		return false;
	if (!error && said_to_be_written(player, at) > written)
		written = said_to_be_written(player, at);
	return written < POISONED &&
	       !is_poisoned(player->buffer + written, POISONED - written);
}

static void judge(const struct player *player, const uint8_t *at, uint32_t size,
		  int error)
{
	const struct kind *kind = &kinds[player->input.kind];

	if (!is_among(&kind->errors, error))
		complain(player, "not documented", error);
	if (points_into_area(player))
		return;
	if (error && error != ENOSPC &&
	    memcmp(player->area, player->before, PAGE))
		complain(player, "written in spite of the error", error);
	if (is_changed_beyond(player, at, size))
		complain(player, "written beyond the size", error);
	if (is_written_behind(player, at, size, error))
		complain(player, "written beyond the reply", error);
	if (!error && kind->number == VMGUESTLIB_IOC_GET_INFO &&
	    !values_are_sane((void *)player->input.bytes, player))
		complain(player, "invalid values", error);
}

static void make_request(struct player *player)
{
	uint32_t size;
	uint8_t *at;
	int error;

	memset(player->buffer, POISON, POISONED);
	choose_input(player);
	if (steers(player))
		return;
	memcpy(&size, player->input.bytes, sizeof(size));
	at = place(player, size);
	reset_coverage(player);
	error = request(files[chance(player, FILES)],
			kinds[player->input.kind].number, at);
	learn(player);
	judge(player, at, size, error);
}

/* --- everything else -------------------------------------------------------------- */

static void exchange_file(struct player *player)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR, O_RDWR | O_NONBLOCK };
	int file = open(DEVICE, modes[chance(player, 4)] | O_CLOEXEC);

	if (file < 0)
		return;
	/* Other threads use the number of the descriptor, so the new file gets this number. */
	dup3(file, files[chance(player, FILES)], O_CLOEXEC);
	close(file);
}

static void write_bytes(struct player *player)
{
	static const struct errors errors = {
		ARGUMENT | E(EBADF) | E(ETIME), E(ENOTCONN)
	};
	size_t len = chance(player, 8) ? chance(player, 64) : chance(player, 8192);
	const void *from = (void *)(uintptr_t)some_address(player);
	int error;

	if (from == player->buffer && chance(player, 8))
		memcpy(player->buffer, "V", 1);
	error = write(files[chance(player, FILES)], from, len) < 0 ? errno : 0;
	if (!is_among(&errors, error))
		complain(player, "write", error);
}

static void be_odd(struct player *player)
{
	int file = files[chance(player, FILES)];
	struct pollfd pollfd = { .fd = file, .events = chance(player, 65536) };
	void *mapped;

	switch (chance(player, 6)) {
	case 0:
		if (read(file, player->buffer, 16) >= 0 ||
		    (errno != EINVAL && errno != EBADF))
			complain(player, "read", errno);
		break;
	case 1:
		if (lseek(file, 0, SEEK_SET) >= 0 || errno != ESPIPE)
			complain(player, "lseek", errno);
		break;
	case 2:
		mapped = mmap(NULL, PAGE, chance(player, 8), MAP_SHARED, file, 0);
		if (mapped != MAP_FAILED)
			munmap(mapped, PAGE);
		else if (errno != EPERM && errno != EACCES && errno != EBUSY)
			complain(player, "mmap", errno);
		break;
	case 3:
		if (poll(&pollfd, 1, chance(player, 3)) < 0)
			complain(player, "poll", errno);
		break;
	case 4:
		if (request(file, chance(player, UINT32_MAX) | 0x40000000,
			    player->area) == 0)
			complain(player, "unknown request succeeds", 0);
		break;
	default:
		ftruncate(file, chance(player, 1000));
		fsync(file);
		break;
	}
}

/* Reads a file in sysfs, or writes to one of the last three files of the list. */
static void use_file(struct player *player)
{
	static const char *const names[] = {
		"session_id", "mem/mapped_mb", "resource_pool_path", "generation",
		"transport", "heartbeat/enabled", "heartbeat/status",
		"heartbeat/clients", "heartbeat/last_missed", "cpu/limit_mhz",
		"max_age_ms", "watch_interval_ms", "heartbeat/pause_s",
	};
	static const struct errors errors = {
		HOST | E(EACCES) | E(ENODATA) | E(ERANGE) | E(EBUSY),
		HOST_HIGH | E(EOVERFLOW)
	};
	static const char *const values[] = { "0", "1", "100", "-1", "x", "3600001", "" };
	uint32_t which = chance(player, sizeof(names) / sizeof(names[0]));
	char path[256];
	int file, error;

	snprintf(path, sizeof(path), SYSFS "%s", names[which]);
	if (which >= 10 && chance(player, 2)) {
		error = file_write(names[which], values[chance(player, 7)]);
	} else {
		file = open(path, O_RDONLY | O_CLOEXEC);
		error = read(file, player->buffer, PAGE) < 0 ? errno : 0;
		close(file);
	}
	if (!is_among(&errors, error))
		complain(player, names[which], error);
}

static void use_another_transport(struct player *player)
{
	static const char *const choices[] = { "auto", "vsock", "backdoor", "none" };

	if (!chance(player, 64))
		choose_transport(choices[chance(player, 4)]);
}

static void do_something(struct player *player)
{
	switch (chance(player, is_hostile ? 64 : 16)) {
	case 0:
		exchange_file(player);
		break;
	case 1:
		write_bytes(player);
		break;
	case 2:
		be_odd(player);
		break;
	case 3:
	case 4:
		use_file(player);
		break;
	case 5:
		use_another_transport(player);
		break;
	default:
		make_request(player);
	}
}

static void *play(void *arg)
{
	struct player *player = arg;

	begin_coverage(player);
	while (!atomic_load(&over)) {
		do_something(player);
		atomic_fetch_add(&calls, 1);
	}
	return NULL;
}

/* --- the tests -------------------------------------------------------------------- */

static unsigned long setting(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

static bool begin_player(struct player *player, unsigned int number)
{
	player->random = setting("FUZZ_SEED", 1) * 1000 + number;
	chance(player, 2);
	player->area = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	player->buffer = calloc(1, 2 * ROOM);
	return player->area != MAP_FAILED && player->buffer &&
	       !mprotect(player->area + PAGE, PAGE, PROT_NONE) &&
	       !pthread_create(&player->thread, NULL, play, player);
}

static unsigned long long requests(void)
{
	return sysfs_number("rpc/requests") + sysfs_number("rpc/failed");
}

/*
 * Checks that requests are served, that no client is armed, and that vSphere HA application
 * monitoring is disabled at the host.
 */
static void check_idle_host(void)
{
	struct vmguestlib_heartbeat_client clients[256];
	int fd = open_device(O_RDWR), i;
	struct snapshot snapshot;
	uint32_t count;

	CHECK(host("fault clear"));
	CHECK(choose_transport("auto"));
	CHECK_EQ(file_write("max_age_ms", "0"), 0);
	CHECK_EQ(file_write("watch_interval_ms", "0"), 0);
	CHECK_EQ(file_write("heartbeat/pause_s", "0"), 0);
	/* A client whose file was just closed may still be in the list. */
	sleep_ms(100);
	count = list_clients(fd, clients, 256);
	for (i = 0; i < (int)count; i++)
		if (strcmp(clients[i].name, "api"))
			CHECK_EQ(clear(fd, clients[i].name), 0);
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL), 0);
	for (i = 0; i < 700 && strcmp(ha_word("enabled"), "false"); i++)
		sleep_ms(100);
	CHECK_STR(ha_word("enabled"), "false");
	CHECK_EQ(list_clients(fd, NULL, 0), 0);
	CHECK(host("hotplug"));
	CHECK_EQ(snapshot_take(fd, &snapshot), 0);
	CHECK_EQ(snapshot_take(fd, &snapshot), 0);
	CHECK_EQ(snapshot.info.out_info_version, 3);
	CHECK_EQ(snapshot.values[VMGUESTLIB_STAT_MEM_MAPPED_MB].state,
		 VMGUESTLIB_VALUE_GIVEN);
	CHECK(channels() <= 3);
	close(fd);
}

static bool goes_on(time_t end, unsigned long long before)
{
	if (end)
		return time(NULL) < end;
	return atomic_load(&calls) < setting("FUZZ_CALLS", 10000) ||
	       requests() - before < setting("FUZZ_REQUESTS", 0);
}

/*
 * Changes the transport every fourth round. Every second choice is the backdoor, because it is
 * fast: over VMCI sockets, a call to a host that does not answer lasts until the timeout.
 */
static void change_transport(unsigned long round)
{
	static const char *const choices[] = { "auto", "backdoor", "vsock", "backdoor" };

	if (!(round % 4))
		CHECK(choose_transport(choices[round / 4 % 4]));
}

/* Replaces the faults of the host. The host has no faults while the transport changes. */
static void be_hostile(void)
{
	static unsigned long rounds;
	char order[80];

	snprintf(order, sizeof(order), "fault times=4000000000 hostile %lu",
		 setting("FUZZ_SEED", 1) * 1000000 + rounds++ * 1000);
	CHECK(host("fault clear"));
	change_transport(rounds);
	CHECK(host(order));
}

static void every_operation_of_a_program(void)
{
	static struct player players[THREADS];
	unsigned long seconds = setting("FUZZ_SECONDS", 0);
	unsigned long long before = requests();
	time_t end = seconds ? time(NULL) + seconds : 0;
	unsigned int i;

	for (i = 0; i < FILES; i++)
		files[i] = open_device(O_RDWR);
	for (i = 0; i < THREADS; i++)
		CHECK(begin_player(&players[i], i));
	while (goes_on(end, before)) {
		if (is_hostile)
			be_hostile();
		sleep_ms(200);
	}
	atomic_store(&over, true);
	for (i = 0; i < THREADS; i++)
		pthread_join(players[i].thread, NULL);
	for (i = 0; i < FILES; i++)
		close(files[i]);
	CHECK_EQ(complaints, 0);
	printf("# %lu calls, %llu requests to the host\n", (unsigned long)calls,
	       requests() - before);
	if (players[0].coverage) {
		CHECK(distinct > 0);
		printf("# %lu places in the kernel reached, %u arguments kept\n",
		       distinct, corpus_len);
	}
}

static void unload_afterwards(void)
{
	CHECK_EQ(unload_module(), 0);
	CHECK_EQ(channels(), 0);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(every_operation_of_a_program),
	KTAP_ENTRY(check_idle_host),
	KTAP_ENTRY(unload_afterwards),
};

int main(int argc, char **argv)
{
	is_hostile = argc > 1 && !strcmp(argv[1], "hostile");
	file_write("max_age_ms", "0");
	return KTAP_MAIN(tests);
}
