// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;

import vmguestlib.VMGuestLib;
import vmguestlib.VMGuestLibException;
import vmguestlib.VMGuestLibInterface;

/** Prints all statistics of the vSphere Guest API. */
public final class Statistics {
    private Statistics() {
    }

    /** Text of the host, which must not control a terminal. */
    private static String printable(String text) {
        return text.replaceAll("[\\p{Cc}&&[^\n\t]]", "?");
    }

    private static String value(VMGuestLibInterface guest, Method accessor)
            throws IllegalAccessException {
        try {
            Object value = accessor.invoke(guest);
            return value instanceof Long ? Long.toUnsignedString((Long) value)
                    : printable(String.valueOf(value));
        } catch (InvocationTargetException failure) {
            VMGuestLibException error = (VMGuestLibException) failure.getCause();
            return "- " + error.getErrorCode() + " " + error.getMessage();
        }
    }

    /**
     * Prints a line for each accessor, then the extended statistics.
     *
     * @param arguments none
     * @throws Exception if there are no statistics here
     */
    public static void main(String[] arguments) throws Exception {
        Method[] methods = VMGuestLibInterface.class.getMethods();

        Arrays.sort(methods, Comparator.comparing(Method::getName));
        try (VMGuestLib guest = new VMGuestLib()) {
            guest.updateInfo();
            for (Method method : methods) {
                if (method.getName().startsWith("get")) {
                    System.out.println(method.getName().substring(3) + " "
                            + value(guest, method));
                }
            }
        }
        System.out.print(printable(VMGuestLib.statGet("text", "session")));
    }
}
