// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors

import java.util.concurrent.TimeUnit;

import vmguestlib.VMGuestAppMonitor;
import vmguestlib.VMGuestAppMonitorException;

/** Takes part in vSphere HA application monitoring. */
public final class Heartbeat {
    private Heartbeat() {
    }

    /** Text of the host, which must not control a terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cc}", "?");
    }

    private static void beat() throws VMGuestAppMonitorException {
        VMGuestAppMonitor.markActive();
        // After a vMotion, the new host does not know that monitoring is enabled.
        if (VMGuestAppMonitor.getAppStatus().toLowerCase().endsWith("gray")) {
            VMGuestAppMonitor.enable();
            VMGuestAppMonitor.markActive();
        }
        System.out.println("heartbeat sent, status "
                + printable(VMGuestAppMonitor.getAppStatus()));
    }

    /**
     * Sends heartbeats, then disables monitoring.
     *
     * @param arguments the number of heartbeats and the time between them in seconds (4, 15)
     * @throws Exception if monitoring cannot be enabled, or a heartbeat not be sent
     */
    public static void main(String[] arguments) throws Exception {
        int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 4;
        long seconds = arguments.length > 1 ? Long.parseLong(arguments[1]) : 15;

        VMGuestAppMonitor.enable();
        System.out.println("enabled " + VMGuestAppMonitor.isEnabled());
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                TimeUnit.SECONDS.sleep(seconds);
            }
            beat();
        }
        VMGuestAppMonitor.postAppState(VMGuestAppMonitor.STATE_OK);
        VMGuestAppMonitor.disable();
        System.out.println("enabled " + VMGuestAppMonitor.isEnabled());
    }
}
