VMGUESTLIB_ABI_VERSION 2
VMGUESTLIB_REPLY_MAX 65536
VMGUESTLIB_STAT_REQUEST_MAX 255
VMGUESTLIB_STAT_CPU_RESERVATION_MHZ 1
VMGUESTLIB_STAT_CPU_LIMIT_MHZ 2
VMGUESTLIB_STAT_CPU_SHARES 3
VMGUESTLIB_STAT_CPU_USED_MS 4
VMGUESTLIB_STAT_HOST_PROCESSOR_MHZ 5
VMGUESTLIB_STAT_MEM_RESERVATION_MB 6
VMGUESTLIB_STAT_MEM_LIMIT_MB 7
VMGUESTLIB_STAT_MEM_SHARES 8
VMGUESTLIB_STAT_MEM_MAPPED_MB 9
VMGUESTLIB_STAT_MEM_ACTIVE_MB 10
VMGUESTLIB_STAT_MEM_OVERHEAD_MB 11
VMGUESTLIB_STAT_MEM_BALLOONED_MB 12
VMGUESTLIB_STAT_MEM_SWAPPED_MB 13
VMGUESTLIB_STAT_MEM_SHARED_MB 14
VMGUESTLIB_STAT_MEM_SHARED_SAVED_MB 15
VMGUESTLIB_STAT_MEM_USED_MB 16
VMGUESTLIB_STAT_ELAPSED_MS 17
VMGUESTLIB_STAT_RESOURCE_POOL_PATH 18
VMGUESTLIB_STAT_CPU_STOLEN_MS 19
VMGUESTLIB_STAT_MEM_TARGET_SIZE_MB 20
VMGUESTLIB_STAT_HOST_NUM_CPU_CORES 21
VMGUESTLIB_STAT_HOST_CPU_USED_MS 22
VMGUESTLIB_STAT_HOST_MEM_SWAPPED_MB 23
VMGUESTLIB_STAT_HOST_MEM_SHARED_MB 24
VMGUESTLIB_STAT_HOST_MEM_USED_MB 25
VMGUESTLIB_STAT_HOST_MEM_PHYS_MB 26
VMGUESTLIB_STAT_HOST_MEM_PHYS_FREE_MB 27
VMGUESTLIB_STAT_HOST_MEM_KERN_OVHD_MB 28
VMGUESTLIB_STAT_HOST_MEM_MAPPED_MB 29
VMGUESTLIB_STAT_HOST_MEM_UNMAPPED_MB 30
VMGUESTLIB_STAT_MEM_ZIPPED_MB 31
VMGUESTLIB_STAT_MEM_ZIP_SAVED_MB 32
VMGUESTLIB_STAT_MEM_LL_SWAPPED_MB 33
VMGUESTLIB_STAT_MEM_SWAP_TARGET_MB 34
VMGUESTLIB_STAT_MEM_BALLOON_TARGET_MB 35
VMGUESTLIB_STAT_MEM_BALLOON_MAX_MB 36
VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG 37
VMGUESTLIB_STAT_MEM_SHARES64 38
VMGUESTLIB_STAT_END 39
VMGUESTLIB_VALUE_NOT_SENT 0
VMGUESTLIB_VALUE_UNAVAILABLE 1
VMGUESTLIB_VALUE_GIVEN 2
struct vmguestlib_value 16
struct vmguestlib_value value at 0
struct vmguestlib_value value size 8
struct vmguestlib_value state at 8
struct vmguestlib_value state size 4
struct vmguestlib_value __reserved at 12
struct vmguestlib_value __reserved size 4
struct vmguestlib_abi_info 40
struct vmguestlib_abi_info size at 0
struct vmguestlib_abi_info size size 4
struct vmguestlib_abi_info flags at 4
struct vmguestlib_abi_info flags size 4
struct vmguestlib_abi_info out_abi_version at 8
struct vmguestlib_abi_info out_abi_version size 4
struct vmguestlib_abi_info out_num_stats at 12
struct vmguestlib_abi_info out_num_stats size 4
struct vmguestlib_abi_info out_requests at 16
struct vmguestlib_abi_info out_requests size 8
struct vmguestlib_abi_info out_reply_max at 24
struct vmguestlib_abi_info out_reply_max size 4
struct vmguestlib_abi_info out_min_interval_ms at 28
struct vmguestlib_abi_info out_min_interval_ms size 4
struct vmguestlib_abi_info out_boottime_offset_ns at 32
struct vmguestlib_abi_info out_boottime_offset_ns size 8
struct vmguestlib_get_info 80
struct vmguestlib_get_info size at 0
struct vmguestlib_get_info size size 4
struct vmguestlib_get_info flags at 4
struct vmguestlib_get_info flags size 4
struct vmguestlib_get_info max_age_ms at 8
struct vmguestlib_get_info max_age_ms size 4
struct vmguestlib_get_info values_len at 12
struct vmguestlib_get_info values_len size 4
struct vmguestlib_get_info values at 16
struct vmguestlib_get_info values size 8
struct vmguestlib_get_info path at 24
struct vmguestlib_get_info path size 8
struct vmguestlib_get_info long_path at 32
struct vmguestlib_get_info long_path size 8
struct vmguestlib_get_info path_len at 40
struct vmguestlib_get_info path_len size 4
struct vmguestlib_get_info long_path_len at 44
struct vmguestlib_get_info long_path_len size 4
struct vmguestlib_get_info out_session_id at 48
struct vmguestlib_get_info out_session_id size 8
struct vmguestlib_get_info out_generation at 56
struct vmguestlib_get_info out_generation size 8
struct vmguestlib_get_info out_time_ns at 64
struct vmguestlib_get_info out_time_ns size 8
struct vmguestlib_get_info out_info_version at 72
struct vmguestlib_get_info out_info_version size 4
struct vmguestlib_get_info out_count at 76
struct vmguestlib_get_info out_count size 4
VMGUESTLIB_PAGE_SIZE 4096
VMGUESTLIB_PAGE_MAGIC 1279741270
VMGUESTLIB_PAGE_TRIES 1000
VMGUESTLIB_PAGE_PATH_SIZE 520
VMGUESTLIB_PAGE_VALUES 216
VMGUESTLIB_PAGE_EMPTY 0
VMGUESTLIB_PAGE_GIVEN 1
VMGUESTLIB_PAGE_RESTRICTED 2
struct vmguestlib_page 4096
struct vmguestlib_page magic at 0
struct vmguestlib_page magic size 4
struct vmguestlib_page size at 4
struct vmguestlib_page size size 4
struct vmguestlib_page values_len at 8
struct vmguestlib_page values_len size 4
struct vmguestlib_page sequence at 12
struct vmguestlib_page sequence size 4
struct vmguestlib_page state at 16
struct vmguestlib_page state size 4
struct vmguestlib_page info_version at 20
struct vmguestlib_page info_version size 4
struct vmguestlib_page count at 24
struct vmguestlib_page count size 4
struct vmguestlib_page path_len at 28
struct vmguestlib_page path_len size 4
struct vmguestlib_page session_id at 32
struct vmguestlib_page session_id size 8
struct vmguestlib_page generation at 40
struct vmguestlib_page generation size 8
struct vmguestlib_page time_ns at 48
struct vmguestlib_page time_ns size 8
struct vmguestlib_page __reserved at 56
struct vmguestlib_page __reserved size 64
struct vmguestlib_page path at 120
struct vmguestlib_page path size 520
struct vmguestlib_page values at 640
struct vmguestlib_page values size 3456
VMGUESTLIB_REPLY_NONE 0
VMGUESTLIB_REPLY_OK 1
VMGUESTLIB_REPLY_REFUSED 2
VMGUESTLIB_REPLY_UNKNOWN_COMMAND 3
struct vmguestlib_stat_get 48
struct vmguestlib_stat_get size at 0
struct vmguestlib_stat_get size size 4
struct vmguestlib_stat_get flags at 4
struct vmguestlib_stat_get flags size 4
struct vmguestlib_stat_get encoding at 8
struct vmguestlib_stat_get encoding size 8
struct vmguestlib_stat_get stat at 16
struct vmguestlib_stat_get stat size 8
struct vmguestlib_stat_get encoding_len at 24
struct vmguestlib_stat_get encoding_len size 4
struct vmguestlib_stat_get stat_len at 28
struct vmguestlib_stat_get stat_len size 4
struct vmguestlib_stat_get reply at 32
struct vmguestlib_stat_get reply size 8
struct vmguestlib_stat_get reply_len at 40
struct vmguestlib_stat_get reply_len size 4
struct vmguestlib_stat_get out_reply at 44
struct vmguestlib_stat_get out_reply size 4
struct vmguestlib_host_time 24
struct vmguestlib_host_time size at 0
struct vmguestlib_host_time size size 4
struct vmguestlib_host_time flags at 4
struct vmguestlib_host_time flags size 4
struct vmguestlib_host_time out_sec at 8
struct vmguestlib_host_time out_sec size 8
struct vmguestlib_host_time out_usec at 16
struct vmguestlib_host_time out_usec size 4
struct vmguestlib_host_time __reserved at 20
struct vmguestlib_host_time __reserved size 4
struct vmguestlib_cpu_speed 16
struct vmguestlib_cpu_speed size at 0
struct vmguestlib_cpu_speed size size 4
struct vmguestlib_cpu_speed flags at 4
struct vmguestlib_cpu_speed flags size 4
struct vmguestlib_cpu_speed out_mhz at 8
struct vmguestlib_cpu_speed out_mhz size 4
struct vmguestlib_cpu_speed __reserved at 12
struct vmguestlib_cpu_speed __reserved size 4
VMGUESTLIB_WATCH_INTERVAL_MAX_MS 3600000
struct vmguestlib_watch 16
struct vmguestlib_watch size at 0
struct vmguestlib_watch size size 4
struct vmguestlib_watch flags at 4
struct vmguestlib_watch flags size 4
struct vmguestlib_watch interval_ms at 8
struct vmguestlib_watch interval_ms size 4
struct vmguestlib_watch __reserved at 12
struct vmguestlib_watch __reserved size 4
VMGUESTLIB_EVENT_SESSION 1
VMGUESTLIB_EVENT_STATUS 2
VMGUESTLIB_EVENT_EXPIRED 4
struct vmguestlib_events 24
struct vmguestlib_events size at 0
struct vmguestlib_events size size 4
struct vmguestlib_events flags at 4
struct vmguestlib_events flags size 4
struct vmguestlib_events out_events at 8
struct vmguestlib_events out_events size 4
struct vmguestlib_events __reserved at 12
struct vmguestlib_events __reserved size 4
struct vmguestlib_events out_generation at 16
struct vmguestlib_events out_generation size 8
VMGUESTLIB_HEARTBEAT_NAME_SIZE 32
VMGUESTLIB_HEARTBEAT_DEADLINE_MIN_MS 1000
VMGUESTLIB_HEARTBEAT_DEADLINE_MAX_MS 3600000
VMGUESTLIB_HEARTBEAT_STOP 0
VMGUESTLIB_HEARTBEAT_NEED_RESET 1
VMGUESTLIB_HEARTBEAT_KIND_FILE 1
VMGUESTLIB_HEARTBEAT_KIND_WATCHDOG 2
VMGUESTLIB_HEARTBEAT_KIND_API 3
VMGUESTLIB_HEARTBEAT_UNARMED 0
VMGUESTLIB_HEARTBEAT_ARMED 1
VMGUESTLIB_HEARTBEAT_EXPIRED 2
VMGUESTLIB_HEARTBEAT_EXCLUSIVE 1
struct vmguestlib_heartbeat_arm 48
struct vmguestlib_heartbeat_arm size at 0
struct vmguestlib_heartbeat_arm size size 4
struct vmguestlib_heartbeat_arm flags at 4
struct vmguestlib_heartbeat_arm flags size 4
struct vmguestlib_heartbeat_arm name at 8
struct vmguestlib_heartbeat_arm name size 32
struct vmguestlib_heartbeat_arm deadline_ms at 40
struct vmguestlib_heartbeat_arm deadline_ms size 4
struct vmguestlib_heartbeat_arm action at 44
struct vmguestlib_heartbeat_arm action size 4
struct vmguestlib_heartbeat 16
struct vmguestlib_heartbeat size at 0
struct vmguestlib_heartbeat size size 4
struct vmguestlib_heartbeat flags at 4
struct vmguestlib_heartbeat flags size 4
struct vmguestlib_heartbeat out_state at 8
struct vmguestlib_heartbeat out_state size 4
struct vmguestlib_heartbeat out_remaining_ms at 12
struct vmguestlib_heartbeat out_remaining_ms size 4
struct vmguestlib_heartbeat_client 56
struct vmguestlib_heartbeat_client name at 0
struct vmguestlib_heartbeat_client name size 32
struct vmguestlib_heartbeat_client kind at 32
struct vmguestlib_heartbeat_client kind size 4
struct vmguestlib_heartbeat_client state at 36
struct vmguestlib_heartbeat_client state size 4
struct vmguestlib_heartbeat_client action at 40
struct vmguestlib_heartbeat_client action size 4
struct vmguestlib_heartbeat_client uid at 44
struct vmguestlib_heartbeat_client uid size 4
struct vmguestlib_heartbeat_client deadline_ms at 48
struct vmguestlib_heartbeat_client deadline_ms size 4
struct vmguestlib_heartbeat_client remaining_ms at 52
struct vmguestlib_heartbeat_client remaining_ms size 4
struct vmguestlib_heartbeat_list 24
struct vmguestlib_heartbeat_list size at 0
struct vmguestlib_heartbeat_list size size 4
struct vmguestlib_heartbeat_list flags at 4
struct vmguestlib_heartbeat_list flags size 4
struct vmguestlib_heartbeat_list clients at 8
struct vmguestlib_heartbeat_list clients size 8
struct vmguestlib_heartbeat_list clients_len at 16
struct vmguestlib_heartbeat_list clients_len size 4
struct vmguestlib_heartbeat_list __reserved at 20
struct vmguestlib_heartbeat_list __reserved size 4
struct vmguestlib_heartbeat_clear 40
struct vmguestlib_heartbeat_clear size at 0
struct vmguestlib_heartbeat_clear size size 4
struct vmguestlib_heartbeat_clear flags at 4
struct vmguestlib_heartbeat_clear flags size 4
struct vmguestlib_heartbeat_clear name at 8
struct vmguestlib_heartbeat_clear name size 32
VMGUESTLIB_APPMON_ENABLE 1
VMGUESTLIB_APPMON_DISABLE 2
VMGUESTLIB_APPMON_IS_ENABLED 3
VMGUESTLIB_APPMON_MARK_ACTIVE 4
VMGUESTLIB_APPMON_GET_STATUS 5
VMGUESTLIB_APPMON_POST_STATE 6
VMGUESTLIB_APPMON_TEXT_SIZE 64
struct vmguestlib_appmon 80
struct vmguestlib_appmon size at 0
struct vmguestlib_appmon size size 4
struct vmguestlib_appmon flags at 4
struct vmguestlib_appmon flags size 4
struct vmguestlib_appmon op at 8
struct vmguestlib_appmon op size 4
struct vmguestlib_appmon out_enabled at 12
struct vmguestlib_appmon out_enabled size 4
struct vmguestlib_appmon text at 16
struct vmguestlib_appmon text size 64
VMGUESTLIB_RPC_REQUEST_MAX 65536
struct vmguestlib_rpc 40
struct vmguestlib_rpc size at 0
struct vmguestlib_rpc size size 4
struct vmguestlib_rpc flags at 4
struct vmguestlib_rpc flags size 4
struct vmguestlib_rpc request at 8
struct vmguestlib_rpc request size 8
struct vmguestlib_rpc request_len at 16
struct vmguestlib_rpc request_len size 4
struct vmguestlib_rpc out_reply at 20
struct vmguestlib_rpc out_reply size 4
struct vmguestlib_rpc reply at 24
struct vmguestlib_rpc reply size 8
struct vmguestlib_rpc reply_len at 32
struct vmguestlib_rpc reply_len size 4
struct vmguestlib_rpc __reserved at 36
struct vmguestlib_rpc __reserved size 4
VMGUESTLIB_IOC_MAGIC 237
VMGUESTLIB_IOC_ABI_INFO 60672
VMGUESTLIB_IOC_GET_INFO 60673
VMGUESTLIB_IOC_STAT_GET 60674
VMGUESTLIB_IOC_HOST_TIME 60675
VMGUESTLIB_IOC_CPU_SPEED 60676
VMGUESTLIB_IOC_WATCH 60677
VMGUESTLIB_IOC_EVENTS 60678
VMGUESTLIB_IOC_HEARTBEAT_ARM 60679
VMGUESTLIB_IOC_HEARTBEAT_BEAT 60680
VMGUESTLIB_IOC_HEARTBEAT_DISARM 60681
VMGUESTLIB_IOC_HEARTBEAT_QUERY 60682
VMGUESTLIB_IOC_HEARTBEAT_LIST 60683
VMGUESTLIB_IOC_HEARTBEAT_CLEAR 60684
VMGUESTLIB_IOC_APPMON 60685
VMGUESTLIB_IOC_RPC 60686
