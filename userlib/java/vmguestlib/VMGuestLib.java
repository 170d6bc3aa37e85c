// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
package vmguestlib;

import java.nio.charset.StandardCharsets;

/**
 * This class implements the vSphere Guest API by the C library libvmGuestLib. Threads may share
 * an object.
 *
 * <pre>
 * try (VMGuestLib guest = new VMGuestLib()) {
 *     guest.updateInfo();
 *     System.out.println(guest.getCpuUsedMs() + " ms");
 * }
 * </pre>
 */
public final class VMGuestLib implements VMGuestLibInterface {
    static {
        load();
    }

    /** The address of the C library's handle; 0 when closed. Written by native code. */
    private long handle;

    /**
     * Makes a handle.
     *
     * @throws VMGuestLibException with ERROR_NOT_RUNNING_IN_VM, ERROR_NOT_ENABLED or
     *     ERROR_MEMORY
     */
    public VMGuestLib() throws VMGuestLibException {
        open();
    }

    /** Loads the native library, in a directory of java.library.path or LD_LIBRARY_PATH. */
    static void load() {
        System.loadLibrary("vmGuestLibJava");
    }

    /**
     * Gets extended statistics as formatted text (ESXi 6.0 and later).
     *
     * @param encoding text, json, xml or yaml; if it is empty, the host chooses
     * @param stat session, host, resources, vscsi NAME or vnet MAC; null for the list
     * @return the host's text
     * @throws VMGuestLibException with ERROR_INVALID_ARG, ERROR_BUFFER_TOO_SMALL,
     *     ERROR_NOT_AVAILABLE, ERROR_UNSUPPORTED_VERSION or ERROR_MEMORY
     */
    public static String statGet(String encoding, String stat) throws VMGuestLibException {
        return VMGuestLibException.decode(stat(bytes(encoding), bytes(stat)));
    }

    @Override
    public String getResourcePoolPath() throws VMGuestLibException {
        return VMGuestLibException.decode(path());
    }

    /** A text with a NUL would be cut in C. */
    private static byte[] bytes(String text) throws VMGuestLibException {
        if (text != null && text.indexOf('\0') >= 0) {
            throw new VMGuestLibException(VMGuestLibException.ERROR_INVALID_ARG,
                    "One or more arguments were invalid", null);
        }
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private native void open() throws VMGuestLibException;

    private synchronized native byte[] path() throws VMGuestLibException;

    private static native byte[] stat(byte[] encoding, byte[] stat)
            throws VMGuestLibException;

    @Override
    public synchronized native void close();

    @Override
    public synchronized native void updateInfo() throws VMGuestLibException;

    @Override
    public synchronized native long getSessionId() throws VMGuestLibException;

    @Override
    public synchronized native long getCpuReservationMHz() throws VMGuestLibException;

    @Override
    public synchronized native long getCpuLimitMHz() throws VMGuestLibException;

    @Override
    public synchronized native long getCpuShares() throws VMGuestLibException;

    @Override
    public synchronized native long getCpuUsedMs() throws VMGuestLibException;

    @Override
    public synchronized native long getHostProcessorSpeed() throws VMGuestLibException;

    @Override
    public synchronized native long getMemReservationMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemLimitMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemShares() throws VMGuestLibException;

    @Override
    public synchronized native long getMemShares64() throws VMGuestLibException;

    @Override
    public synchronized native long getMemMappedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemActiveMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemOverheadMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemBalloonedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemSwappedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemSharedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemSharedSavedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemUsedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getElapsedMs() throws VMGuestLibException;

    @Override
    public synchronized native long getCpuStolenMs() throws VMGuestLibException;

    @Override
    public synchronized native long getMemTargetSizeMB() throws VMGuestLibException;

    @Override
    public synchronized native long getHostNumCpuCores() throws VMGuestLibException;

    @Override
    public synchronized native long getHostCpuUsedMs() throws VMGuestLibException;

    @Override
    public synchronized native long getHostMemSwappedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getHostMemSharedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getHostMemUsedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getHostMemPhysMB() throws VMGuestLibException;

    @Override
    public synchronized native long getHostMemPhysFreeMB() throws VMGuestLibException;

    @Override
    @Deprecated
    public synchronized native long getHostMemKernOvhdMB() throws VMGuestLibException;

    @Override
    public synchronized native long getHostMemMappedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getHostMemUnmappedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemZippedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemZipSavedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemLLSwappedMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemSwapTargetMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemBalloonTargetMB() throws VMGuestLibException;

    @Override
    public synchronized native long getMemBalloonMaxMB() throws VMGuestLibException;
}
