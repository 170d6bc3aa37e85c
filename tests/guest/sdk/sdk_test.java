// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors

import vmguestlib.VMGuestAppMonitor;
import vmguestlib.VMGuestAppMonitorException;
import vmguestlib.VMGuestLib;
import vmguestlib.VMGuestLibException;

/** Makes the calls that the sample programs do not make, and prints one line for each. */
final class sdk_test {
    interface Call {
        Object run() throws Exception;
    }

    private sdk_test() {
    }

    static void show(String name, Call call) {
        Object result;

        try {
            result = call.run();
        } catch (VMGuestLibException error) {
            result = "error " + error.getErrorCode() + " " + error.getReply();
        } catch (VMGuestAppMonitorException error) {
            result = "error " + error.getErrorCode() + " " + error.getMessage();
        } catch (Throwable error) {
            result = error;
        }
        System.out.println(name + ": " + result);
    }

    public static void main(String[] arguments) throws Exception {
        VMGuestLib guest = new VMGuestLib();

        show("before the update", guest::getCpuLimitMHz);
        guest.updateInfo();
        show("limit", guest::getCpuLimitMHz);
        show("path", guest::getResourcePoolPath);
        show("withheld", guest::getHostMemUsedMB);
        guest.close();
        guest.close();
        show("closed", guest::getCpuLimitMHz);
        show("closed path", guest::getResourcePoolPath);
        show("no encoding", () -> VMGuestLib.statGet(null, "session"));
        show("a NUL", () -> VMGuestLib.statGet("text", "a\0b"));
        show("too long", () -> VMGuestLib.statGet("text", "x".repeat(256)));
        show("unknown", () -> VMGuestLib.statGet("text", "nosuch"));
        show("the list", () -> VMGuestLib.statGet("text", null).contains("resources"));
        show("not enabled", () -> {
            VMGuestAppMonitor.markActive();
            return "a heartbeat";
        });
        show("wrong state", () -> {
            VMGuestAppMonitor.postAppState("tired");
            return "posted";
        });
        show("a state with a NUL", () -> {
            VMGuestAppMonitor.postAppState("OK\0");
            return "posted";
        });
        show("no state", () -> {
            VMGuestAppMonitor.postAppState(null);
            return "posted";
        });
    }
}
