// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
package vmguestlib;

import java.nio.charset.StandardCharsets;

/**
 * A call of the vSphere Guest API has failed. The code is the result of the function of the C
 * library.
 */
public class VMGuestLibException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The failure has no code of its own, such as a malformed reply. */
    public static final int ERROR_OTHER = 1;
    /** This machine is not a VMware virtual machine. */
    public static final int ERROR_NOT_RUNNING_IN_VM = 2;
    /** The host refuses or cannot be reached, or the kernel module is missing. */
    public static final int ERROR_NOT_ENABLED = 3;
    /** The host knows the statistic but gives no value at present. */
    public static final int ERROR_NOT_AVAILABLE = 4;
    /** {@link VMGuestLibInterface#updateInfo()} was not called yet, or the last call failed. */
    public static final int ERROR_NO_INFO = 5;
    /** There is not enough memory. */
    public static final int ERROR_MEMORY = 6;
    /** The request is longer than the host accepts. */
    public static final int ERROR_BUFFER_TOO_SMALL = 7;
    /** The object was closed. */
    public static final int ERROR_INVALID_HANDLE = 8;
    /** An argument that must not be null is null. */
    public static final int ERROR_INVALID_ARG = 9;
    /** This host does not know the statistic or the request. */
    public static final int ERROR_UNSUPPORTED_VERSION = 10;

    /** The code. */
    private final int errorCode;

    /** The host's error text, or null. */
    private final String reply;

    /**
     * Called by the native library.
     *
     * @param errorCode one of the constants of this class
     * @param text the English text for the code
     * @param reply the host's error text, or null
     */
    VMGuestLibException(int errorCode, String text, byte[] reply) {
        super(reply == null ? text : text + ": " + decode(reply));
        this.errorCode = errorCode;
        this.reply = reply == null ? null : decode(reply);
    }

    /**
     * Decodes text of the host, which may be any bytes.
     *
     * @param bytes the text
     * @return the text; bytes that are not UTF-8 are replaced
     */
    static String decode(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * Returns the code.
     *
     * @return one of the constants of this class
     */
    public int getErrorCode() {
        return errorCode;
    }

    /**
     * Returns the reason why {@link VMGuestLib#statGet} failed.
     *
     * @return the host's error text, or the reason why the request did not reach the host; null
     *     after other calls
     */
    public String getReply() {
        return reply;
    }
}
