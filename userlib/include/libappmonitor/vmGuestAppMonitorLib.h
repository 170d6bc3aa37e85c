/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * vSphere HA application monitoring: an application sends heartbeats to the VMware
 * host, and the host resets the virtual machine when they stop.
 *
 *	if (VMGuestAppMonitor_Enable() == VMGUESTAPPMONITORLIB_ERROR_SUCCESS) {
 *		while (all_is_well()) {
 *			VMGuestAppMonitor_MarkActive();
 *			sleep(15);
 *		}
 *	}
 *
 * This implementation asks the kernel module vmguestlib.  All callers of a
 * virtual machine act as one client, which belongs to no process: one may
 * enable, another mark active and a third disable.  Beside it the kernel may
 * serve other clients, such as a watchdog; it sends heartbeats only as long as all
 * clients keep their deadlines, and disables the host only after the last one ends.
 *
 * Unlike the SDK's own library, this one opens /dev/vmguestlib for writing: root
 * and the members of the device's group may call it, other users get
 * VMGUESTAPPMONITORLIB_ERROR_OTHER, with errno EACCES.
 *
 * Every function may be called by any number of threads.  There is no state in
 * the process, no thread, no signal handler and no descriptor that stays open.
 * A call that fails leaves the cause in errno, one that succeeds leaves errno
 * alone.
 *
 * Source of every description here: vSphere Guest SDK, tables 4-1 and 4-2.
 */
#ifndef _VM_GUEST_APP_MONITOR_LIB_H_
#define _VM_GUEST_APP_MONITOR_LIB_H_

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
	/* The call has succeeded. */
	VMGUESTAPPMONITORLIB_ERROR_SUCCESS = 0,
	/* Anything that has no code of its own: the host refused or could not
	 * be reached, the caller lacks the right, the argument is wrong.
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
 * Have the host monitor this virtual machine's application.  From now on
 * VMGuestAppMonitor_MarkActive() is due at least every 30 seconds.  Enabling
 * again is no error.
 */
VMGuestAppMonitorLibError VMGuestAppMonitor_Enable(void);

/* End monitoring.  After success the host expects no heartbeat of this program. */
VMGuestAppMonitorLibError VMGuestAppMonitor_Disable(void);

/* 1 if the host says that monitoring is enabled; 0 if not, or on any error. */
int VMGuestAppMonitor_IsEnabled(void);

/*
 * Send a heartbeat.  VMGUESTAPPMONITORLIB_ERROR_NOT_ENABLED if
 * VMGuestAppMonitor_Enable() was not called, or VMGuestAppMonitor_Disable() was
 * called since.
 */
VMGuestAppMonitorLibError VMGuestAppMonitor_MarkActive(void);

/*
 * The host's word for the state of the application:
 *
 *	Green	heartbeats arrive
 *	Red	heartbeats are missing; a reset may follow
 *	Gray	the host does not monitor, for instance after a vMotion: call
 *		VMGuestAppMonitor_Enable() and VMGuestAppMonitor_MarkActive()
 *
 * Compare without regard to case.  To be released by VMGuestAppMonitor_Free().
 * NULL on any error.
 */
char *VMGuestAppMonitor_GetAppStatus(void);

/*
 * Post the application state to the host; monitoring need not be enabled.
 * "needReset" or "appStateNeedReset": the virtual machine is to be reset now; "OK" or
 * "appStateOk": no longer.  Any other state, or NULL, gives
 * VMGUESTAPPMONITORLIB_ERROR_OTHER, and nothing is sent.
 */
VMGuestAppMonitorLibError VMGuestAppMonitor_PostAppState(const char *state);

/* Release the text that VMGuestAppMonitor_GetAppStatus() returned; NULL is allowed. */
void VMGuestAppMonitor_Free(char *str);

#ifdef __cplusplus
}
#endif

#endif
