// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
package vmguestlib;

/**
 * A call of application monitoring has failed. The code is the result of the function of the C
 * library. The message includes the text of errno.
 */
public class VMGuestAppMonitorException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The host refused or cannot be reached, a right is missing, or an argument is wrong. */
    public static final int ERROR_OTHER = 1;
    /** This machine is not a VMware virtual machine. */
    public static final int ERROR_NOT_RUNNING_IN_VM = 2;
    /** Monitoring is not enabled, or the kernel module is not loaded. */
    public static final int ERROR_NOT_ENABLED = 3;
    /** The host does not know the request. */
    public static final int ERROR_NOT_SUPPORTED = 4;

    /** The code. */
    private final int errorCode;

    /**
     * Called by the native library.
     *
     * @param errorCode one of the constants of this class
     * @param text the English text for the code
     * @param reply null
     */
    VMGuestAppMonitorException(int errorCode, String text, byte[] reply) {
        super(text);
        this.errorCode = errorCode;
    }

    /**
     * Returns the code.
     *
     * @return one of the constants of this class
     */
    public int getErrorCode() {
        return errorCode;
    }
}
