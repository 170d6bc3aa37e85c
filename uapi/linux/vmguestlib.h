/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* Copyright The vmguestlib authors */
/*
 * The interface of /dev/vmguestlib: VMware guest statistics and vSphere HA heartbeats.
 */
#ifndef _UAPI_LINUX_VMGUESTLIB_H
#define _UAPI_LINUX_VMGUESTLIB_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * DOC: conventions of all requests
 *
 * Every argument starts with ``size``, which the caller sets to the sizeof() of the
 * structure.  A kernel that knows a longer structure treats the missing tail as zero.
 * A kernel that knows a shorter structure accepts the argument if the tail that this
 * kernel does not know is zero.
 *
 * The kernel writes the members named ``out_*``, and reads all other members.  It also
 * writes the members that are described as "in: ...; out: ...".  ``flags`` and
 * ``__reserved`` must be zero unless the structure documents flags.  Pointers are
 * 64-bit integers, so 32-bit programs use the same layout.
 *
 * All requests may sleep.  The device may be opened read-only, unless the request
 * documents that it must be opened for writing.
 *
 * Errors common to all requests:
 *
 * ===============  ==========================================================
 * ENOTTY           unknown request number
 * EINVAL           ``size`` is smaller than the first version of the structure,
 *                  or a value is out of its documented range
 * E2BIG            the tail that this kernel does not know is not zero, or
 *                  ``size`` is above the size of a page
 * EOPNOTSUPP       a bit of ``flags`` is not known, or the host answered
 *                  ``Unknown command``
 * EFAULT           an address cannot be read or written
 * EPERM            the request needs a right that the caller lacks; or the host
 *                  answers only privileged senders, and the caller lacks
 *                  CAP_SYS_ADMIN
 * EINTR            a signal whose handler was installed without SA_RESTART
 *                  arrived in one of three waits: for the host in
 *                  VMGUESTLIB_IOC_HEARTBEAT_ARM; for the end of another ARM or
 *                  DISARM on the same file; or, while the machine goes to
 *                  sleep, for the end of other callers' requests
 * ENOMEM           out of memory
 * EREMOTEIO        the host answered and refused
 * EIO              the host could not be reached, or it dropped the channel or
 *                  connection
 * ETIMEDOUT        the host did not answer, and no other transport may be used
 * EPROTO           the host's reply is malformed
 * EMSGSIZE         the host's reply is longer than VMGUESTLIB_REPLY_MAX, or, in a
 *                  request about heartbeats, longer than the module's buffer, which
 *                  has at least 256 bytes
 * ESHUTDOWN        the machine is going down, so no request is sent any more
 * ===============  ==========================================================
 */

/**
 * define VMGUESTLIB_ABI_VERSION - version of this interface
 *
 * A new request or a new member of a structure raises the version.
 */
#define VMGUESTLIB_ABI_VERSION	2

/**
 * define VMGUESTLIB_REPLY_MAX - longest accepted host reply, in bytes
 */
#define VMGUESTLIB_REPLY_MAX	65536

/**
 * define VMGUESTLIB_STAT_REQUEST_MAX - longest request for an extended statistic
 *
 * This is the limit, in bytes, of the text ``guestlib.stat.get ENCODING STAT``, which is
 * sent to the host.  Source: vSphere Guest SDK, VMGuestLib_StatGet.
 */
#define VMGUESTLIB_STAT_REQUEST_MAX	255

/**
 * enum vmguestlib_stat_id - the statistics, with the numbers of the wire protocol
 *
 * Source: vSphere Guest SDK, Accessor Functions for Virtual Machine Data.
 * All values are u64, although some have 32 bits in the wire protocol.  A limit of
 * 0xFFFFFFFF stands for "unlimited".  Identifiers are never reused or renumbered.
 *
 * @VMGUESTLIB_STAT_CPU_RESERVATION_MHZ: guaranteed minimum CPU rate, MHz
 * @VMGUESTLIB_STAT_CPU_LIMIT_MHZ: CPU limit, MHz
 * @VMGUESTLIB_STAT_CPU_SHARES: CPU shares
 * @VMGUESTLIB_STAT_CPU_USED_MS: CPU time used since the session began, ms
 * @VMGUESTLIB_STAT_HOST_PROCESSOR_MHZ: host processor speed, MHz
 * @VMGUESTLIB_STAT_MEM_RESERVATION_MB: guaranteed memory, MB
 * @VMGUESTLIB_STAT_MEM_LIMIT_MB: memory limit, MB
 * @VMGUESTLIB_STAT_MEM_SHARES: memory shares, 32 bits
 * @VMGUESTLIB_STAT_MEM_MAPPED_MB: guest memory backed by host memory, MB
 * @VMGUESTLIB_STAT_MEM_ACTIVE_MB: estimate of memory in active use, MB
 * @VMGUESTLIB_STAT_MEM_OVERHEAD_MB: host overhead memory of the VM, MB
 * @VMGUESTLIB_STAT_MEM_BALLOONED_MB: memory reclaimed by the balloon, MB
 * @VMGUESTLIB_STAT_MEM_SWAPPED_MB: memory swapped out by the host, MB
 * @VMGUESTLIB_STAT_MEM_SHARED_MB: memory shared copy-on-write, MB
 * @VMGUESTLIB_STAT_MEM_SHARED_SAVED_MB: host memory saved by sharing, MB
 * @VMGUESTLIB_STAT_MEM_USED_MB: host memory consumed for the guest, MB
 * @VMGUESTLIB_STAT_ELAPSED_MS: real time since the session began, ms
 * @VMGUESTLIB_STAT_RESOURCE_POOL_PATH: resource pool path of at most 512 bytes, a text;
 *	see struct vmguestlib_get_info
 * @VMGUESTLIB_STAT_CPU_STOLEN_MS: time since the session began in which vCPUs were
 *	ready but did not run, ms
 * @VMGUESTLIB_STAT_MEM_TARGET_SIZE_MB: memory that the host intends to give, MB
 * @VMGUESTLIB_STAT_HOST_NUM_CPU_CORES: physical cores of the host
 * @VMGUESTLIB_STAT_HOST_CPU_USED_MS: CPU time used on the host since the session began,
 *	ms
 * @VMGUESTLIB_STAT_HOST_MEM_SWAPPED_MB: host memory swapped, MB
 * @VMGUESTLIB_STAT_HOST_MEM_SHARED_MB: host memory shared, MB
 * @VMGUESTLIB_STAT_HOST_MEM_USED_MB: host memory used, MB
 * @VMGUESTLIB_STAT_HOST_MEM_PHYS_MB: memory available to the host kernel, MB
 * @VMGUESTLIB_STAT_HOST_MEM_PHYS_FREE_MB: free physical memory, MB
 * @VMGUESTLIB_STAT_HOST_MEM_KERN_OVHD_MB: hypervisor kernel overhead, MB
 * @VMGUESTLIB_STAT_HOST_MEM_MAPPED_MB: host memory mapped, MB
 * @VMGUESTLIB_STAT_HOST_MEM_UNMAPPED_MB: host memory unmapped, MB
 * @VMGUESTLIB_STAT_MEM_ZIPPED_MB: compressed guest memory, MB
 * @VMGUESTLIB_STAT_MEM_ZIP_SAVED_MB: memory saved by compression, MB
 * @VMGUESTLIB_STAT_MEM_LL_SWAPPED_MB: memory in low-latency swap, MB
 * @VMGUESTLIB_STAT_MEM_SWAP_TARGET_MB: memory that the host intends to swap out, MB
 * @VMGUESTLIB_STAT_MEM_BALLOON_TARGET_MB: size of the balloon that the host intends, MB
 * @VMGUESTLIB_STAT_MEM_BALLOON_MAX_MB: maximum size of the balloon, MB
 * @VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG: resource pool path without the limit of 512
 *	bytes, a text
 * @VMGUESTLIB_STAT_MEM_SHARES64: memory shares, 64 bits
 * @VMGUESTLIB_STAT_END: one above the last identifier; grows with the ABI
 */
enum vmguestlib_stat_id {
	VMGUESTLIB_STAT_CPU_RESERVATION_MHZ	= 1,
	VMGUESTLIB_STAT_CPU_LIMIT_MHZ		= 2,
	VMGUESTLIB_STAT_CPU_SHARES		= 3,
	VMGUESTLIB_STAT_CPU_USED_MS		= 4,
	VMGUESTLIB_STAT_HOST_PROCESSOR_MHZ	= 5,
	VMGUESTLIB_STAT_MEM_RESERVATION_MB	= 6,
	VMGUESTLIB_STAT_MEM_LIMIT_MB		= 7,
	VMGUESTLIB_STAT_MEM_SHARES		= 8,
	VMGUESTLIB_STAT_MEM_MAPPED_MB		= 9,
	VMGUESTLIB_STAT_MEM_ACTIVE_MB		= 10,
	VMGUESTLIB_STAT_MEM_OVERHEAD_MB		= 11,
	VMGUESTLIB_STAT_MEM_BALLOONED_MB	= 12,
	VMGUESTLIB_STAT_MEM_SWAPPED_MB		= 13,
	VMGUESTLIB_STAT_MEM_SHARED_MB		= 14,
	VMGUESTLIB_STAT_MEM_SHARED_SAVED_MB	= 15,
	VMGUESTLIB_STAT_MEM_USED_MB		= 16,
	VMGUESTLIB_STAT_ELAPSED_MS		= 17,
	VMGUESTLIB_STAT_RESOURCE_POOL_PATH	= 18,
	VMGUESTLIB_STAT_CPU_STOLEN_MS		= 19,
	VMGUESTLIB_STAT_MEM_TARGET_SIZE_MB	= 20,
	VMGUESTLIB_STAT_HOST_NUM_CPU_CORES	= 21,
	VMGUESTLIB_STAT_HOST_CPU_USED_MS	= 22,
	VMGUESTLIB_STAT_HOST_MEM_SWAPPED_MB	= 23,
	VMGUESTLIB_STAT_HOST_MEM_SHARED_MB	= 24,
	VMGUESTLIB_STAT_HOST_MEM_USED_MB	= 25,
	VMGUESTLIB_STAT_HOST_MEM_PHYS_MB	= 26,
	VMGUESTLIB_STAT_HOST_MEM_PHYS_FREE_MB	= 27,
	VMGUESTLIB_STAT_HOST_MEM_KERN_OVHD_MB	= 28,
	VMGUESTLIB_STAT_HOST_MEM_MAPPED_MB	= 29,
	VMGUESTLIB_STAT_HOST_MEM_UNMAPPED_MB	= 30,
	VMGUESTLIB_STAT_MEM_ZIPPED_MB		= 31,
	VMGUESTLIB_STAT_MEM_ZIP_SAVED_MB	= 32,
	VMGUESTLIB_STAT_MEM_LL_SWAPPED_MB	= 33,
	VMGUESTLIB_STAT_MEM_SWAP_TARGET_MB	= 34,
	VMGUESTLIB_STAT_MEM_BALLOON_TARGET_MB	= 35,
	VMGUESTLIB_STAT_MEM_BALLOON_MAX_MB	= 36,
	VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG	= 37,
	VMGUESTLIB_STAT_MEM_SHARES64		= 38,
	VMGUESTLIB_STAT_END
};

/**
 * enum vmguestlib_value_state - whether a statistic has a value
 *
 * Zero means "not sent", so that cleared memory is never regarded as a value.
 *
 * @VMGUESTLIB_VALUE_NOT_SENT: the host's record does not have the statistic
 * @VMGUESTLIB_VALUE_UNAVAILABLE: the host knows the statistic but has no value at
 *	present
 * @VMGUESTLIB_VALUE_GIVEN: the value is valid
 */
enum vmguestlib_value_state {
	VMGUESTLIB_VALUE_NOT_SENT	= 0,
	VMGUESTLIB_VALUE_UNAVAILABLE	= 1,
	VMGUESTLIB_VALUE_GIVEN		= 2
};

/**
 * struct vmguestlib_value - one statistic
 * @value: the number, or the length of a text in bytes without its NUL
 * @state: an enum vmguestlib_value_state
 * @__reserved: 0
 */
struct vmguestlib_value {
	__aligned_u64 value;
	__u32 state;
	__u32 __reserved;
};

/**
 * struct vmguestlib_abi_info - argument of VMGUESTLIB_IOC_ABI_INFO
 * @size: sizeof(struct vmguestlib_abi_info)
 * @flags: 0
 * @out_abi_version: VMGUESTLIB_ABI_VERSION of the kernel module
 * @out_num_stats: highest statistic identifier that the module knows
 * @out_requests: bit n is set if request number n is served
 * @out_reply_max: longest host reply in bytes
 * @out_min_interval_ms: shortest watch interval that needs no privilege, ms
 * @out_boottime_offset_ns: CLOCK_BOOTTIME of the caller's time namespace minus that
 *	of the initial one, in ns, modulo 2^64.  Since version 2
 *
 * The module makes no request to the host.
 */
struct vmguestlib_abi_info {
	__u32 size;
	__u32 flags;
	__u32 out_abi_version;
	__u32 out_num_stats;
	__aligned_u64 out_requests;
	__u32 out_reply_max;
	__u32 out_min_interval_ms;
	__aligned_u64 out_boottime_offset_ns;
};

/**
 * struct vmguestlib_get_info - argument of VMGUESTLIB_IOC_GET_INFO
 * @size: sizeof(struct vmguestlib_get_info)
 * @flags: 0
 * @max_age_ms: greatest age of the reply that the caller accepts, in ms.  0: the reply
 *	answers a request that began after the call had begun.  Above 0: if no reply is recent
 *	enough, but a request failed at most @max_age_ms and at most 1 s ago, its error is
 *	returned again.  Callers that wait at the same time share one request
 * @values_len: in: capacity of @values in elements; out: VMGUESTLIB_STAT_END of
 *	the module.  min(in, out) elements are written
 * @values: address of an array of struct vmguestlib_value, or 0 to get no values.
 *	Element n is the statistic with the identifier n.  Element 0 is empty
 * @path: address for the text of VMGUESTLIB_STAT_RESOURCE_POOL_PATH, or 0 to get no
 *	text
 * @long_path: the same for VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG
 * @path_len: in: capacity of @path in bytes; out: length of the text including
 *	its NUL, or 0 if the state of the text is not VMGUESTLIB_VALUE_GIVEN.
 *	min(in, out) bytes are written.  A text that does not fit is truncated and not
 *	terminated.  The bytes come from the host and may have any value but NUL
 * @long_path_len: the same for @long_path
 * @out_session_id: opaque number of the session.  Differences of counters are
 *	meaningful only within one session
 * @out_generation: number of session changes seen since the module was loaded
 * @out_time_ns: CLOCK_BOOTTIME at the start of the host request, in the caller's time
 *	namespace, ns
 * @out_info_version: version of the host's record, 2 or 3
 * @out_count: number of statistics that the host sent and the module knows
 *
 * All output belongs to one reply of the host.  Source: wire protocol, chapter
 * 4; vSphere Guest SDK, VMGuestLib_UpdateInfo.
 */
struct vmguestlib_get_info {
	__u32 size;
	__u32 flags;
	__u32 max_age_ms;
	__u32 values_len;
	__aligned_u64 values;
	__aligned_u64 path;
	__aligned_u64 long_path;
	__u32 path_len;
	__u32 long_path_len;
	__aligned_u64 out_session_id;
	__aligned_u64 out_generation;
	__aligned_u64 out_time_ns;
	__u32 out_info_version;
	__u32 out_count;
};

/**
 * DOC: the mapped page
 *
 * mmap() of VMGUESTLIB_PAGE_SIZE bytes at offset 0 of a device opened for reading maps
 * a struct vmguestlib_page.  The page has the statistics of the latest reply of the
 * host.  A program reads them without a system call.  All programs map the same page.
 * Neither mapping nor reading the page makes a request to the host.  Each reply of the
 * host with statistics updates the page.  Such replies are caused by
 * VMGUESTLIB_IOC_GET_INFO, by reads of sysfs, and by a watch (VMGUESTLIB_IOC_WATCH).
 * The reader computes the age of the page from @time_ns.
 *
 * A reader gets values of one reply by this protocol:
 *
 * 1. Load @sequence.  If it is odd, the page is being written: start again.
 * 2. Read barrier (acquire).
 * 3. Copy the wanted members.
 * 4. Read barrier (acquire).
 * 5. Load @sequence again.  If it has changed, start again.
 *
 * The kernel writes the page in less than a microsecond, but the host may suspend the
 * vCPU of the writer.  After VMGUESTLIB_PAGE_TRIES attempts a reader should therefore use
 * VMGUESTLIB_IOC_GET_INFO instead.  @magic, @size and @values_len do not change while
 * the page is mapped.
 *
 * If the host gives statistics to privileged senders only, @state is
 * VMGUESTLIB_PAGE_RESTRICTED and all members after @state are 0.  The page is the same
 * for root, who gets the statistics by VMGUESTLIB_IOC_GET_INFO.
 *
 * The mapping is always read-only.  It is inherited by fork(), outlives close(), and
 * pins the module.  A file with a heartbeat client cannot be mapped, and a mapped file
 * cannot become a client.  Otherwise a child that inherited the mapping would keep the
 * file open after the death of its parent.
 *
 * Errors of mmap():
 *
 * ======  =====================================================================
 * EINVAL  the length is not VMGUESTLIB_PAGE_SIZE, or the offset is not 0
 * EPERM   the protection has PROT_WRITE or PROT_EXEC
 * EBUSY   the file has a heartbeat client; or another task is arming or
 *         disarming the file's client, or mapping the page through the file
 * EACCES  the file was not opened for reading; or the mapping is shared and
 *         has PROT_WRITE, and the file was not opened for writing
 * ======  =====================================================================
 */

/* Length of the mapping, in bytes */
#define VMGUESTLIB_PAGE_SIZE		4096

/* struct vmguestlib_page.magic */
#define VMGUESTLIB_PAGE_MAGIC		0x4c474d56

/* Number of failed attempts after which a reader should give up */
#define VMGUESTLIB_PAGE_TRIES		1000

/* Room for the resource pool path with its NUL, in bytes */
#define VMGUESTLIB_PAGE_PATH_SIZE	520

/* Room for statistics, in elements */
#define VMGUESTLIB_PAGE_VALUES		216

/**
 * enum vmguestlib_page_state - what the page holds
 * @VMGUESTLIB_PAGE_EMPTY: no statistics, because there was no reply of the host yet
 * @VMGUESTLIB_PAGE_GIVEN: the statistics of a reply
 * @VMGUESTLIB_PAGE_RESTRICTED: no statistics, because the host gives them to privileged
 *	senders only
 */
enum vmguestlib_page_state {
	VMGUESTLIB_PAGE_EMPTY		= 0,
	VMGUESTLIB_PAGE_GIVEN		= 1,
	VMGUESTLIB_PAGE_RESTRICTED	= 2
};

/**
 * struct vmguestlib_page - the mapped page
 * @magic: VMGUESTLIB_PAGE_MAGIC
 * @size: bytes in use, from @magic to the last value; grows with the ABI
 * @values_len: number of elements of @values in use: VMGUESTLIB_STAT_END of the module
 * @sequence: odd while the kernel writes the members after it, else even
 * @state: an enum vmguestlib_page_state
 * @info_version: like out_info_version of struct vmguestlib_get_info
 * @count: like out_count of struct vmguestlib_get_info
 * @path_len: length of @path in bytes, without its NUL; 0 if there is no text
 * @session_id: like out_session_id of struct vmguestlib_get_info
 * @generation: like out_generation of struct vmguestlib_get_info
 * @time_ns: CLOCK_BOOTTIME of the initial time namespace at the start of the host
 *	request, in ns; see out_boottime_offset_ns of struct vmguestlib_abi_info
 * @__reserved: 0
 * @path: text of VMGUESTLIB_STAT_RESOURCE_POOL_PATH, at most 512 bytes, and a NUL
 * @values: indexed by enum vmguestlib_stat_id
 */
struct vmguestlib_page {
	__u32 magic;
	__u32 size;
	__u32 values_len;
	__u32 sequence;
	__u32 state;
	__u32 info_version;
	__u32 count;
	__u32 path_len;
	__aligned_u64 session_id;
	__aligned_u64 generation;
	__aligned_u64 time_ns;
	__aligned_u64 __reserved[8];
	char path[VMGUESTLIB_PAGE_PATH_SIZE];
	struct vmguestlib_value values[VMGUESTLIB_PAGE_VALUES];
};

/**
 * enum vmguestlib_reply - result of VMGUESTLIB_IOC_STAT_GET or VMGUESTLIB_IOC_RPC
 * @VMGUESTLIB_REPLY_NONE: no answer; never returned with success
 * @VMGUESTLIB_REPLY_OK: the host served the request
 * @VMGUESTLIB_REPLY_REFUSED: the host refused; the text is its reason
 * @VMGUESTLIB_REPLY_UNKNOWN_COMMAND: the host does not know the request
 */
enum vmguestlib_reply {
	VMGUESTLIB_REPLY_NONE			= 0,
	VMGUESTLIB_REPLY_OK			= 1,
	VMGUESTLIB_REPLY_REFUSED		= 2,
	VMGUESTLIB_REPLY_UNKNOWN_COMMAND	= 3
};

/**
 * struct vmguestlib_stat_get - argument of VMGUESTLIB_IOC_STAT_GET
 * @size: sizeof(struct vmguestlib_stat_get)
 * @flags: 0
 * @encoding: address of ``text``, ``json``, ``xml``, ``yaml`` or an empty text
 * @stat: address of the statistic's name, or of an empty text for the list of
 *	statistics
 * @encoding_len: number of bytes at @encoding without a NUL
 * @stat_len: number of bytes at @stat without a NUL
 * @reply: address for the host's text, which is not NUL-terminated and may hold
 *	any bytes
 * @reply_len: in: capacity of @reply in bytes; out: length of the text
 * @out_reply: an enum vmguestlib_reply; a refusal is an answer, not an error of
 *	this request
 *
 * If the text of the request is longer than VMGUESTLIB_STAT_REQUEST_MAX, the request
 * fails with ENAMETOOLONG.  If the reply does not fit, the request fails with ENOSPC.
 * In this case the kernel stores the needed length in @reply_len, sets @out_reply, and
 * writes nothing to @reply.  A capacity of VMGUESTLIB_REPLY_MAX is always enough.
 *
 * A refusal of the host does not cause EREMOTEIO or EOPNOTSUPP.  After a refusal, the
 * module sends the request again as a privileged sender, if the caller has CAP_SYS_ADMIN
 * and VMCI sockets work.
 *
 * Source: wire protocol, chapter 5; vSphere Guest SDK, VMGuestLib_StatGet.
 */
struct vmguestlib_stat_get {
	__u32 size;
	__u32 flags;
	__aligned_u64 encoding;
	__aligned_u64 stat;
	__u32 encoding_len;
	__u32 stat_len;
	__aligned_u64 reply;
	__u32 reply_len;
	__u32 out_reply;
};

/**
 * struct vmguestlib_host_time - argument of VMGUESTLIB_IOC_HOST_TIME
 * @size: sizeof(struct vmguestlib_host_time)
 * @flags: 0
 * @out_sec: the host's time of day, seconds since 1970-01-01 UTC
 * @out_usec: microseconds, 0 to 999999
 * @__reserved: 0
 *
 * If the host does not serve the backdoor's time command, the request fails with
 * EOPNOTSUPP.
 */
struct vmguestlib_host_time {
	__u32 size;
	__u32 flags;
	__aligned_u64 out_sec;
	__u32 out_usec;
	__u32 __reserved;
};

/**
 * struct vmguestlib_cpu_speed - argument of VMGUESTLIB_IOC_CPU_SPEED
 * @size: sizeof(struct vmguestlib_cpu_speed)
 * @flags: 0
 * @out_mhz: speed of the vCPUs, MHz
 * @__reserved: 0
 *
 * If the host does not serve the backdoor's speed command, or does not know the speed, the
 * request fails with EOPNOTSUPP.
 */
struct vmguestlib_cpu_speed {
	__u32 size;
	__u32 flags;
	__u32 out_mhz;
	__u32 __reserved;
};

/**
 * define VMGUESTLIB_WATCH_INTERVAL_MAX_MS - longest interval of a watch, in ms
 */
#define VMGUESTLIB_WATCH_INTERVAL_MAX_MS	3600000

/**
 * struct vmguestlib_watch - argument of VMGUESTLIB_IOC_WATCH
 * @size: sizeof(struct vmguestlib_watch)
 * @flags: 0
 * @interval_ms: longest time between two requests to the host, 1 to
 *	VMGUESTLIB_WATCH_INTERVAL_MAX_MS; 0 ends the watch
 * @__reserved: 0
 *
 * The host does not announce a change of session, so the module finds the change only
 * by a request.  The watch makes requests in the background.  The watch belongs to the
 * open file and ends when the file is closed.  If the interval is below the module parameter
 * min_interval_ms, the file was not opened for writing, and the caller lacks
 * CAP_SYS_ADMIN, the request fails with EPERM.
 */
struct vmguestlib_watch {
	__u32 size;
	__u32 flags;
	__u32 interval_ms;
	__u32 __reserved;
};

/* Bits of struct vmguestlib_events.out_events */
#define VMGUESTLIB_EVENT_SESSION	0x00000001	/* the session id changed */
#define VMGUESTLIB_EVENT_STATUS		0x00000002	/* the host's heartbeat status changed */
#define VMGUESTLIB_EVENT_EXPIRED	0x00000004	/* this file's client expired */

/**
 * struct vmguestlib_events - argument of VMGUESTLIB_IOC_EVENTS
 * @size: sizeof(struct vmguestlib_events)
 * @flags: 0
 * @out_events: VMGUESTLIB_EVENT_* bits since the last call on this file; the call
 *	clears them
 * @__reserved: 0
 * @out_generation: session changes seen since the module was loaded
 *
 * poll() reports EPOLLPRI as long as a bit is set.  On a file opened for writing poll()
 * always reports EPOLLOUT, because a beat does not wait.  The module makes no request
 * to the host.
 */
struct vmguestlib_events {
	__u32 size;
	__u32 flags;
	__u32 out_events;
	__u32 __reserved;
	__aligned_u64 out_generation;
};

/**
 * DOC: heartbeats and application monitoring
 *
 * A virtual machine has one application state at its host, which all clients share.  A
 * client is an open file of this device, the watchdog device, or ``api``, which stands
 * for all callers of the SDK's functions.  A client is armed with a name, a deadline
 * and an action.  The kernel sends heartbeats as long as every client keeps its
 * deadline, and stops when a client misses its deadline.  While ``api`` is the only
 * client, the kernel sends the heartbeats that callers of the SDK request, and one after
 * it has sent Enable again.  The window is the time within which the host expects a
 * heartbeat.  It is 30 s unless the module parameter ha_window_s has another value.  An
 * administrator begins a pause by writing to heartbeat/pause_s in sysfs.  During a pause
 * there are no heartbeats and no deadlines.
 *
 * These errors have a further meaning for requests about heartbeats:
 *
 * ==========  =================================================================
 * EPERM       the file was not opened for writing, or the host refused the
 *             request because the sender is not privileged
 * EOPNOTSUPP  the host does not know application monitoring
 * EACCES      application monitoring is not enabled at the host
 * EREMOTEIO   the host reported an internal error
 * ETIMEDOUT   the request was not complete after 2 seconds
 * ==========  =================================================================
 *
 * After an ETIMEDOUT of VMGUESTLIB_IOC_HEARTBEAT_ARM there is no client.  After an
 * ETIMEDOUT of another request the request may still take effect, because the host may
 * have received it.
 *
 * Source: vSphere Guest SDK, vSphere HA Application Monitoring; wire protocol,
 * chapter 7.
 */

/**
 * define VMGUESTLIB_HEARTBEAT_NAME_SIZE - size of a client's name with its NUL
 *
 * Names consist of letters, digits and ``._@:-``.  ``api`` and ``watchdog`` are
 * reserved.
 */
#define VMGUESTLIB_HEARTBEAT_NAME_SIZE	32

/* Range of a client's deadline, in ms */
#define VMGUESTLIB_HEARTBEAT_DEADLINE_MIN_MS	1000
#define VMGUESTLIB_HEARTBEAT_DEADLINE_MAX_MS	3600000

/**
 * enum vmguestlib_heartbeat_action - effect of the expiry of a client
 * @VMGUESTLIB_HEARTBEAT_STOP: heartbeats stop.  The host resets the machine, at the
 *	earliest, when the window and the cluster's failure interval have passed since the
 *	last heartbeat
 * @VMGUESTLIB_HEARTBEAT_NEED_RESET: heartbeats stop, and the application state
 *	needReset is posted.  The host resets the machine at its next check
 */
enum vmguestlib_heartbeat_action {
	VMGUESTLIB_HEARTBEAT_STOP	= 0,
	VMGUESTLIB_HEARTBEAT_NEED_RESET	= 1
};

/**
 * enum vmguestlib_heartbeat_kind - origin of a client
 * @VMGUESTLIB_HEARTBEAT_KIND_FILE: an open file of /dev/vmguestlib
 * @VMGUESTLIB_HEARTBEAT_KIND_WATCHDOG: /dev/watchdogN
 * @VMGUESTLIB_HEARTBEAT_KIND_API: the calls of the SDK, which share one client in the
 *	whole virtual machine
 */
enum vmguestlib_heartbeat_kind {
	VMGUESTLIB_HEARTBEAT_KIND_FILE		= 1,
	VMGUESTLIB_HEARTBEAT_KIND_WATCHDOG	= 2,
	VMGUESTLIB_HEARTBEAT_KIND_API		= 3
};

/**
 * enum vmguestlib_heartbeat_state - state of a client
 * @VMGUESTLIB_HEARTBEAT_UNARMED: the file has no client
 * @VMGUESTLIB_HEARTBEAT_ARMED: the client is within its deadline, or
 *	VMGUESTLIB_IOC_HEARTBEAT_ARM still waits for the host
 * @VMGUESTLIB_HEARTBEAT_EXPIRED: the client missed its deadline, or its file was closed
 *	without a ``V``.  This state ends when the client is disarmed, cleared or armed
 *	again.  A file's client is armed again by VMGUESTLIB_IOC_HEARTBEAT_ARM with the same
 *	name, ``api`` by Enable or MarkActive, and the watchdog by a ping of another program
 *	unless nowayout is set
 */
enum vmguestlib_heartbeat_state {
	VMGUESTLIB_HEARTBEAT_UNARMED	= 0,
	VMGUESTLIB_HEARTBEAT_ARMED	= 1,
	VMGUESTLIB_HEARTBEAT_EXPIRED	= 2
};

/*
 * Flag of VMGUESTLIB_IOC_HEARTBEAT_ARM: fail with EBUSY during a pause, or if another
 * program has enabled monitoring without this module
 */
#define VMGUESTLIB_HEARTBEAT_EXCLUSIVE	0x00000001

/**
 * struct vmguestlib_heartbeat_arm - argument of VMGUESTLIB_IOC_HEARTBEAT_ARM
 * @size: sizeof(struct vmguestlib_heartbeat_arm)
 * @flags: 0 or VMGUESTLIB_HEARTBEAT_EXCLUSIVE
 * @name: name of the client, terminated by a NUL
 * @deadline_ms: longest time between two beats, in ms
 * @action: an enum vmguestlib_heartbeat_action
 *
 * The request makes the open file a client, and starts its deadline.  The new client
 * replaces a client of the same name that has expired, or whose file was closed during a
 * pause.  The replacement needs the same file, the same user or CAP_SYS_ADMIN, and fails
 * with EPERM otherwise.  The first client enables application monitoring at the host.  If
 * this fails, the request fails with the same error.  During a pause the request makes no
 * request to the host, and monitoring is enabled after the pause.  Further errors:
 *
 * ========  ===================================================================
 * EEXIST    the name is in use by a client within its deadline
 * EALREADY  the file is a client already
 * EBUSY     the page is mapped through this file; or, with the flag
 *           VMGUESTLIB_HEARTBEAT_EXCLUSIVE, another program has enabled
 *           monitoring, or there is a pause, in which the module cannot find out
 *           whether another program has
 * EINVAL    name, deadline or action is not valid
 * ENOSPC    there are already 256 clients of files.  This number includes clients
 *           of closed files, until they are cleared or replaced.  It does not
 *           include the watchdog and ``api``
 * ========  ===================================================================
 *
 * The file is a client until VMGUESTLIB_IOC_HEARTBEAT_DISARM, until its client is replaced
 * or cleared, or until its last descriptor is closed.  When the file is closed, the client
 * is disarmed if the last write() since arming contained a ``V``.  Otherwise the client
 * expires.  If the file is closed without a ``V`` during a pause, the client expires after
 * the pause, when the shorter of its deadline and the window is over, unless the client is
 * replaced or cleared before.
 */
struct vmguestlib_heartbeat_arm {
	__u32 size;
	__u32 flags;
	char name[VMGUESTLIB_HEARTBEAT_NAME_SIZE];
	__u32 deadline_ms;
	__u32 action;
};

/**
 * struct vmguestlib_heartbeat - argument of VMGUESTLIB_IOC_HEARTBEAT_BEAT,
 *	VMGUESTLIB_IOC_HEARTBEAT_DISARM and VMGUESTLIB_IOC_HEARTBEAT_QUERY
 * @size: sizeof(struct vmguestlib_heartbeat)
 * @flags: 0
 * @out_state: state of this file's client, an enum vmguestlib_heartbeat_state
 * @out_remaining_ms: time left to the client's deadline, in ms; the whole deadline
 *	during a pause; 0 if there is no client or the client has expired
 *
 * A beat restarts the deadline and makes no request to the host.  A write() of 1 to
 * 4096 bytes is a beat, too, and a write() of more bytes fails with EINVAL.  A beat of
 * an expired client fails with ETIME.  A beat or disarm on a file that is not a client
 * fails with ENOTCONN.  VMGUESTLIB_IOC_HEARTBEAT_QUERY needs no right.
 */
struct vmguestlib_heartbeat {
	__u32 size;
	__u32 flags;
	__u32 out_state;
	__u32 out_remaining_ms;
};

/**
 * struct vmguestlib_heartbeat_client - one client
 * @name: name of the client, terminated by a NUL
 * @kind: an enum vmguestlib_heartbeat_kind
 * @state: an enum vmguestlib_heartbeat_state
 * @action: an enum vmguestlib_heartbeat_action
 * @uid: user that armed the client, in the caller's user namespace
 * @deadline_ms: deadline in ms; 0 for ``api`` while there are no other clients, because
 *	it has no deadline then
 * @remaining_ms: like out_remaining_ms of struct vmguestlib_heartbeat; 0 if @deadline_ms
 *	is 0
 */
struct vmguestlib_heartbeat_client {
	char name[VMGUESTLIB_HEARTBEAT_NAME_SIZE];
	__u32 kind;
	__u32 state;
	__u32 action;
	__u32 uid;
	__u32 deadline_ms;
	__u32 remaining_ms;
};

/**
 * struct vmguestlib_heartbeat_list - argument of VMGUESTLIB_IOC_HEARTBEAT_LIST
 * @size: sizeof(struct vmguestlib_heartbeat_list)
 * @flags: 0
 * @clients: address of an array of struct vmguestlib_heartbeat_client
 * @clients_len: in: capacity of @clients in elements; out: number of clients.
 *	min(in, out) elements are written
 * @__reserved: 0
 *
 * The request needs no right.  A client is not listed while it waits for the host to
 * enable monitoring.
 */
struct vmguestlib_heartbeat_list {
	__u32 size;
	__u32 flags;
	__aligned_u64 clients;
	__u32 clients_len;
	__u32 __reserved;
};

/**
 * struct vmguestlib_heartbeat_clear - argument of VMGUESTLIB_IOC_HEARTBEAT_CLEAR
 * @size: sizeof(struct vmguestlib_heartbeat_clear)
 * @flags: 0
 * @name: name of the client, terminated by a NUL
 *
 * The request removes an expired client, or a client whose file was closed during a
 * pause.  The client may belong to any program, or be the watchdog or ``api``.  The request
 * needs CAP_SYS_ADMIN, but the file may be opened read-only.  Errors:
 *
 * ======  =====================================================================
 * EINVAL  the name is not terminated
 * ENOENT  there is no client of that name
 * EBUSY   the client has not expired
 * ======  =====================================================================
 */
struct vmguestlib_heartbeat_clear {
	__u32 size;
	__u32 flags;
	char name[VMGUESTLIB_HEARTBEAT_NAME_SIZE];
};

/**
 * enum vmguestlib_appmon_op - the calls of the SDK
 * @VMGUESTLIB_APPMON_ENABLE: arms the client ``api``
 * @VMGUESTLIB_APPMON_DISABLE: disarms ``api``.  If there are no other clients, Disable
 *	is sent to the host, even if ``api`` is not armed.  During a pause, Disable is sent
 *	only if ``api`` is not armed
 * @VMGUESTLIB_APPMON_IS_ENABLED: stores in @out_enabled whether monitoring is enabled
 * @VMGUESTLIB_APPMON_MARK_ACTIVE: is a beat of ``api``, which also arms ``api`` again
 *	after it has expired.  During a pause, or if there are other clients, this beat
 *	does not wait for the host.  If ``api`` is not a client, the call fails with EACCES,
 *	or with EOPNOTSUPP if the host does not know application monitoring
 * @VMGUESTLIB_APPMON_GET_STATUS: stores the host's status word in @text
 * @VMGUESTLIB_APPMON_POST_STATE: posts the application state @text: ``OK``,
 *	``needReset``, ``appStateOk`` or ``appStateNeedReset``.  Any other text fails
 *	with EINVAL.  During a pause the state is only stored.  ``OK`` is also only
 *	stored while an expired client has the action NEED_RESET.  A stored state is
 *	posted later, if the host has another state.  If a call with need-reset fails,
 *	the state before the call stays in effect.  If the answer to OK is lost while
 *	the host may have need-reset, the call fails, and OK is posted again
 */
enum vmguestlib_appmon_op {
	VMGUESTLIB_APPMON_ENABLE	= 1,
	VMGUESTLIB_APPMON_DISABLE	= 2,
	VMGUESTLIB_APPMON_IS_ENABLED	= 3,
	VMGUESTLIB_APPMON_MARK_ACTIVE	= 4,
	VMGUESTLIB_APPMON_GET_STATUS	= 5,
	VMGUESTLIB_APPMON_POST_STATE	= 6
};

/* Size of struct vmguestlib_appmon.text, with its NUL */
#define VMGUESTLIB_APPMON_TEXT_SIZE	64

/**
 * struct vmguestlib_appmon - argument of VMGUESTLIB_IOC_APPMON
 * @size: sizeof(struct vmguestlib_appmon)
 * @flags: 0
 * @op: an enum vmguestlib_appmon_op
 * @out_enabled: result of VMGUESTLIB_APPMON_IS_ENABLED: 1 if monitoring is enabled at the
 *	host, else 0
 * @text: in: the state for VMGUESTLIB_APPMON_POST_STATE, else ignored; out: the word of
 *	VMGUESTLIB_APPMON_GET_STATUS.  Both are terminated by a NUL
 *
 * If @op is unknown or @text is not terminated, the request fails with EINVAL.  If the
 * host's status word is empty or does not fit, or the host's result code is unknown, the
 * request fails with EPROTO.
 */
struct vmguestlib_appmon {
	__u32 size;
	__u32 flags;
	__u32 op;
	__u32 out_enabled;
	char text[VMGUESTLIB_APPMON_TEXT_SIZE];
};

/**
 * define VMGUESTLIB_RPC_REQUEST_MAX - longest request that a host accepts, in bytes
 */
#define VMGUESTLIB_RPC_REQUEST_MAX	65536

/**
 * struct vmguestlib_rpc - argument of VMGUESTLIB_IOC_RPC
 * @size: sizeof(struct vmguestlib_rpc)
 * @flags: 0
 * @request: address of the request
 * @request_len: number of bytes at @request, 1 to VMGUESTLIB_RPC_REQUEST_MAX
 * @out_reply: an enum vmguestlib_reply; a refusal is an answer, not an error of
 *	this request
 * @reply: address for the host's reply without its prefix ``1 `` or ``0 ``.  The reply
 *	may hold any bytes, and has no NUL at the end
 * @reply_len: in: capacity of @reply in bytes; out: length of the reply
 * @__reserved: 0
 *
 * The module sends any GuestRPC request.  If VMCI sockets work, the module is a
 * privileged sender.  The kernel does not interpret the request, so a request of
 * application monitoring bypasses the heartbeat clients.  The host may receive the
 * request more than once.  The caller needs CAP_SYS_ADMIN.
 *
 * An empty request fails with EINVAL, and a request that is too long with EMSGSIZE.  If
 * the reply does not fit, the request fails with ENOSPC like VMGUESTLIB_IOC_STAT_GET,
 * although the host has served it.
 *
 * Source: wire protocol, chapter 2.8.
 */
struct vmguestlib_rpc {
	__u32 size;
	__u32 flags;
	__aligned_u64 request;
	__u32 request_len;
	__u32 out_reply;
	__aligned_u64 reply;
	__u32 reply_len;
	__u32 __reserved;
};

/*
 * A code without an entry in the kernel's ioctl-number.rst.  The numbers contain no
 * size, so a structure can grow without a new number.
 */
#define VMGUESTLIB_IOC_MAGIC	0xED

#define VMGUESTLIB_IOC_ABI_INFO		_IO(VMGUESTLIB_IOC_MAGIC, 0)
#define VMGUESTLIB_IOC_GET_INFO		_IO(VMGUESTLIB_IOC_MAGIC, 1)
#define VMGUESTLIB_IOC_STAT_GET		_IO(VMGUESTLIB_IOC_MAGIC, 2)
#define VMGUESTLIB_IOC_HOST_TIME	_IO(VMGUESTLIB_IOC_MAGIC, 3)
#define VMGUESTLIB_IOC_CPU_SPEED	_IO(VMGUESTLIB_IOC_MAGIC, 4)
#define VMGUESTLIB_IOC_WATCH		_IO(VMGUESTLIB_IOC_MAGIC, 5)
#define VMGUESTLIB_IOC_EVENTS		_IO(VMGUESTLIB_IOC_MAGIC, 6)
#define VMGUESTLIB_IOC_HEARTBEAT_ARM	_IO(VMGUESTLIB_IOC_MAGIC, 7)
#define VMGUESTLIB_IOC_HEARTBEAT_BEAT	_IO(VMGUESTLIB_IOC_MAGIC, 8)
#define VMGUESTLIB_IOC_HEARTBEAT_DISARM	_IO(VMGUESTLIB_IOC_MAGIC, 9)
#define VMGUESTLIB_IOC_HEARTBEAT_QUERY	_IO(VMGUESTLIB_IOC_MAGIC, 10)
#define VMGUESTLIB_IOC_HEARTBEAT_LIST	_IO(VMGUESTLIB_IOC_MAGIC, 11)
#define VMGUESTLIB_IOC_HEARTBEAT_CLEAR	_IO(VMGUESTLIB_IOC_MAGIC, 12)
#define VMGUESTLIB_IOC_APPMON		_IO(VMGUESTLIB_IOC_MAGIC, 13)
#define VMGUESTLIB_IOC_RPC		_IO(VMGUESTLIB_IOC_MAGIC, 14)

#endif /* _UAPI_LINUX_VMGUESTLIB_H */
