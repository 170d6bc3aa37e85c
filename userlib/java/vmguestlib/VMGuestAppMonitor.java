// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
package vmguestlib;

import java.nio.charset.StandardCharsets;

/**
 * vSphere HA application monitoring. The methods call the SDK's library libappmonitorlib. All
 * programs of a virtual machine are one client, which outlives the programs. The methods need
 * write access to /dev/vmguestlib, and any thread may call them.
 *
 * <p>There is no method for VMGuestAppMonitor_Free, because {@link #getAppStatus()} calls this
 * function.
 */
public final class VMGuestAppMonitor {
    /** The application works; see {@link #postAppState}. */
    public static final String STATE_OK = "OK";
    /** The virtual machine needs a reset; see {@link #postAppState}. */
    public static final String STATE_NEED_RESET = "needReset";

    static {
        VMGuestLib.load();
    }

    private VMGuestAppMonitor() {
    }

    /**
     * Enables monitoring. Afterwards the host expects a heartbeat at least every 30 seconds.
     *
     * @throws VMGuestAppMonitorException if monitoring is not enabled
     */
    public static native void enable() throws VMGuestAppMonitorException;

    /**
     * Ends the monitoring.
     *
     * @throws VMGuestAppMonitorException if the host may still wait for heartbeats
     */
    public static native void disable() throws VMGuestAppMonitorException;

    /**
     * Returns whether monitoring is enabled.
     *
     * @return true if monitoring is enabled; false if it is not, or after any error
     */
    public static native boolean isEnabled();

    /**
     * Sends a heartbeat.
     *
     * @throws VMGuestAppMonitorException with ERROR_NOT_ENABLED if monitoring is not enabled
     */
    public static native void markActive() throws VMGuestAppMonitorException;

    /**
     * Returns the host's status of the application.
     *
     * @return Green, Red or Gray; compare the word without regard to case
     * @throws VMGuestAppMonitorException if the host gives no answer
     */
    public static String getAppStatus() throws VMGuestAppMonitorException {
        return VMGuestLibException.decode(status());
    }

    /**
     * Posts the application state to the host. Monitoring need not be enabled.
     *
     * @param state {@link #STATE_OK} or {@link #STATE_NEED_RESET}
     * @throws VMGuestAppMonitorException if the host did not accept the state, or for any other
     *     state
     */
    public static void postAppState(String state) throws VMGuestAppMonitorException {
        // A NUL would end the text in C.
        post(state == null ? null : state.replace('\0', '?').getBytes(StandardCharsets.UTF_8));
    }

    private static native byte[] status() throws VMGuestAppMonitorException;

    private static native void post(byte[] state) throws VMGuestAppMonitorException;
}
