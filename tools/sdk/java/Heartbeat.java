// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors

import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

import vmguestlib.VMGuestAppMonitor;
import vmguestlib.VMGuestAppMonitorException;

/** Takes part in vSphere HA application monitoring. */
public final class Heartbeat {
    private static final String END = "";

    private static final int DISABLE_TRIES = 5;

    private static final BlockingQueue<String> LINES = new ArrayBlockingQueue<>(64);

    private Heartbeat() {
    }

    private static void print() {
        try {
            for (String line = LINES.take(); line != END; line = LINES.take()) {
                System.out.println(line);
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    /** Output that is not read must not delay the heartbeats: without room it is lost. */
    private static void say(String line) {
        LINES.offer(line);
    }

    /** Text of the host, which must not control a terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cc}", "?");
    }

    private static String status() throws VMGuestAppMonitorException {
        return printable(VMGuestAppMonitor.getAppStatus());
    }

    /** Sends a heartbeat. Returns whether the host accepts it. */
    private static boolean isTaken() throws VMGuestAppMonitorException {
        try {
            VMGuestAppMonitor.markActive();
        } catch (VMGuestAppMonitorException failure) {
            if (failure.getErrorCode() == VMGuestAppMonitorException.ERROR_NOT_ENABLED) {
                return false;
            }
            throw failure;
        }
        return !status().toLowerCase(Locale.ROOT).endsWith("gray");
    }

    /** A failure is reported, and the next heartbeat is sent: an end here causes a reset. */
    private static void beat() {
        try {
            // After a vMotion, the new host does not know that monitoring is enabled.
            if (!isTaken()) {
                VMGuestAppMonitor.enable();
                VMGuestAppMonitor.markActive();
            }
            say("heartbeat sent, status " + status());
        } catch (VMGuestAppMonitorException failure) {
            say("heartbeat: " + failure.getMessage());
        }
    }

    /** A host that still expects heartbeats resets the virtual machine: tries once a second. */
    private static void disable() throws VMGuestAppMonitorException, InterruptedException {
        for (int left = DISABLE_TRIES;; left--) {
            try {
                VMGuestAppMonitor.disable();
                return;
            } catch (VMGuestAppMonitorException failure) {
                if (left == 1) {
                    System.err.println("The virtual machine may be reset: disable application"
                            + " monitoring with 'vmware-appmonitor disable'");
                    throw failure;
                }
            }
            TimeUnit.SECONDS.sleep(1);
        }
    }

    private static void postOk() {
        try {
            VMGuestAppMonitor.postAppState(VMGuestAppMonitor.STATE_OK);
        } catch (VMGuestAppMonitorException failure) {
            say("state: " + failure.getMessage());
        }
    }

    /**
     * Sends heartbeats, then disables monitoring.
     *
     * @param arguments the number of heartbeats and the time between them in seconds (4, 15)
     * @throws Exception if monitoring cannot be enabled or disabled
     */
    public static void main(String[] arguments) throws Exception {
        int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 4;
        long seconds = arguments.length > 1 ? Long.parseLong(arguments[1]) : 15;
        Thread printer = new Thread(Heartbeat::print);

        printer.setDaemon(true);
        printer.start();
        VMGuestAppMonitor.enable();
        say("enabled " + VMGuestAppMonitor.isEnabled());
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                TimeUnit.SECONDS.sleep(seconds);
            }
            beat();
        }
        postOk();
        disable();
        say("enabled " + VMGuestAppMonitor.isEnabled());
        say(END);
        printer.join(TimeUnit.SECONDS.toMillis(1));
    }
}
