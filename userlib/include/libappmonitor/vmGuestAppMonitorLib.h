/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * vSphere HA application monitoring: an application sends heartbeats to the VMware
 * host, and vSphere HA resets the virtual machine when the heartbeats stop.
 *
 *	if (VMGuestAppMonitor_Enable() == VMGUESTAPPMONITORLIB_ERROR_SUCCESS) {
 *		while (all_is_well()) {
 *			VMGuestAppMonitor_MarkActive();
 *			sleep(15);
 *		}
 *	}
 *
 * This implementation uses the kernel module vmguestlib.  All callers in a virtual
 * machine are one client of the kernel, which belongs to no process.  One process may
 * enable monitoring, another may send heartbeats, and a third may disable monitoring.
 * The kernel may have further clients, such as a watchdog.  It sends heartbeats only while
 * all clients keep their deadlines, and disables monitoring at the host only after the last
 * client ends.
 *
 * Unlike the SDK's own library, this library opens /dev/vmguestlib for writing.  Root and
 * the members of the device's group may do so.  Other users get
 * VMGUESTAPPMONITORLIB_ERROR_OTHER with errno EACCES.
 *
 * Every function may be called by any number of threads.  The library has no state in the
 * process, no thread, no signal handler and no descriptor that stays open.  A call that
 * fails sets errno to the cause.  A call that succeeds does not change errno.
 *
 * The source of all descriptions is the vSphere Guest SDK, tables 4-1 and 4-2.
 */
#ifndef _VM_GUEST_APP_MONITOR_LIB_H_
#define _VM_GUEST_APP_MONITOR_LIB_H_

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
	/* The call has succeeded. */
	VMGUESTAPPMONITORLIB_ERROR_SUCCESS = 0,
	/* The failure has no code of its own: the host refused or could not be
	 * reached, the caller lacks the right, or the argument is wrong.
	 */
	VMGUESTAPPMONITORLIB_ERROR_OTHER = 1,
	/* This machine is not a VMware virtual machine. */
	VMGUESTAPPMONITORLIB_ERROR_NOT_RUNNING_IN_VM = 2,
	/* Monitoring is not enabled, or the kernel module is not loaded. */
	VMGUESTAPPMONITORLIB_ERROR_NOT_ENABLED = 3,
	/* The host does not know the request. */
	VMGUESTAPPMONITORLIB_ERROR_NOT_SUPPORTED = 4
} VMGuestAppMonitorLibError;

/*
 * Enable monitoring at the host.  After this call, a program has to call
 * VMGuestAppMonitor_MarkActive() at least every 30 seconds.  It is no error to enable
 * again.
 */
VMGuestAppMonitorLibError VMGuestAppMonitor_Enable(void);

/* End monitoring.  After success the host expects no heartbeat of the SDK's programs. */
VMGuestAppMonitorLibError VMGuestAppMonitor_Disable(void);

/* Return 1 if monitoring is enabled at the host, and 0 if it is not or on any error. */
int VMGuestAppMonitor_IsEnabled(void);

/*
 * Send a heartbeat.  If VMGuestAppMonitor_Enable() was not called, or
 * VMGuestAppMonitor_Disable() was called since, the error is
 * VMGUESTAPPMONITORLIB_ERROR_NOT_ENABLED.
 */
VMGuestAppMonitorLibError VMGuestAppMonitor_MarkActive(void);

/*
 * Return the host's word for the state of the application:
 *
 *	Green	heartbeats arrive
 *	Red	heartbeats are missing; a reset may follow
 *	Gray	the host does not monitor, for example after a vMotion: call
 *		VMGuestAppMonitor_Enable() and VMGuestAppMonitor_MarkActive()
 *
 * Compare the word without regard to case, and release it by VMGuestAppMonitor_Free().
 * The function returns NULL on any error.
 */
char *VMGuestAppMonitor_GetAppStatus(void);

/*
 * Post the application state to the host.  Monitoring need not be enabled.  The states
 * "needReset" and "appStateNeedReset" request a reset of the virtual machine.  The states
 * "OK" and "appStateOk" withdraw this request.  With any other state, or with NULL, the
 * error is VMGUESTAPPMONITORLIB_ERROR_OTHER, and nothing is sent.
 */
VMGuestAppMonitorLibError VMGuestAppMonitor_PostAppState(const char *state);

/* Release the text that VMGuestAppMonitor_GetAppStatus() returned; NULL is allowed. */
void VMGuestAppMonitor_Free(char *str);

#ifdef __cplusplus
}
#endif

#endif
