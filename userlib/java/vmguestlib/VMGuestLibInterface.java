// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
package vmguestlib;

/**
 * The vSphere Guest API gives the VMware host's statistics about the processors and the memory
 * of this virtual machine. An object owns one set of statistics, which {@link #updateInfo()}
 * gets from the host.
 *
 * <p>Every accessor fails with the first of these codes that applies:
 * <ul>
 * <li>ERROR_INVALID_HANDLE: the object was closed
 * <li>ERROR_NO_INFO: there was no update yet, or the last update failed
 * <li>ERROR_UNSUPPORTED_VERSION: this host does not know the statistic
 * <li>ERROR_NOT_AVAILABLE: this host gives no value at present
 * </ul>
 *
 * <p>Numbers are unsigned. Milliseconds are cumulative, and their differences are meaningful
 * within one session only.
 */
public interface VMGuestLibInterface extends AutoCloseable {
    /**
     * Gets all statistics from the host at once.
     *
     * @throws VMGuestLibException if the host gives no statistics; the accessors then fail with
     *     ERROR_NO_INFO
     */
    void updateInfo() throws VMGuestLibException;

    /**
     * Returns the session. If the session has changed, the cumulative statistics have restarted.
     *
     * @return an opaque number, to be compared for equality only
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getSessionId() throws VMGuestLibException;

    /**
     * Returns the path of the virtual machine in the host's resource pools.
     *
     * @return the path
     * @throws VMGuestLibException with the codes of an accessor
     */
    String getResourcePoolPath() throws VMGuestLibException;

    /** Releases the statistics. It is no error to close again. */
    @Override
    void close();

    /**
     * Returns the processor speed that the host guarantees to the virtual machine.
     *
     * @return MHz
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getCpuReservationMHz() throws VMGuestLibException;

    /**
     * Returns the processor speed that the virtual machine may use at most.
     *
     * @return MHz; 4294967295 is unlimited
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getCpuLimitMHz() throws VMGuestLibException;

    /**
     * Returns the processor shares, which are the weight among the virtual machines of the host.
     *
     * @return shares
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getCpuShares() throws VMGuestLibException;

    /**
     * Returns the processor time used since the session began.
     *
     * @return ms
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getCpuUsedMs() throws VMGuestLibException;

    /**
     * Returns the speed of the host's processors.
     *
     * @return MHz
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getHostProcessorSpeed() throws VMGuestLibException;

    /**
     * Returns the host memory that is guaranteed to the virtual machine.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemReservationMB() throws VMGuestLibException;

    /**
     * Returns the host memory that the virtual machine may occupy at most.
     *
     * @return MB; 4294967295 is unlimited
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemLimitMB() throws VMGuestLibException;

    /**
     * Returns the memory shares, if the number fits into 32 bits.
     *
     * @return shares
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemShares() throws VMGuestLibException;

    /**
     * Returns the memory shares.
     *
     * @return shares
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemShares64() throws VMGuestLibException;

    /**
     * Returns the guest memory that host memory backs.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemMappedMB() throws VMGuestLibException;

    /**
     * Returns the memory in active use, an estimate of the host.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemActiveMB() throws VMGuestLibException;

    /**
     * Returns the host memory needed for the virtual machine beside the guest memory.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemOverheadMB() throws VMGuestLibException;

    /**
     * Returns the memory that the balloon driver took from the guest.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemBalloonedMB() throws VMGuestLibException;

    /**
     * Returns the guest memory that the host has swapped out.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemSwappedMB() throws VMGuestLibException;

    /**
     * Returns the guest memory shared copy-on-write.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemSharedMB() throws VMGuestLibException;

    /**
     * Returns the host memory that the sharing saves, an estimate.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemSharedSavedMB() throws VMGuestLibException;

    /**
     * Returns the host memory consumed for guest memory.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemUsedMB() throws VMGuestLibException;

    /**
     * Returns the real time since the session began.
     *
     * @return ms
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getElapsedMs() throws VMGuestLibException;

    /**
     * Returns the time during which the virtual machine was ready but did not run.
     *
     * @return ms
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getCpuStolenMs() throws VMGuestLibException;

    /**
     * Returns the memory that the host intends to give to the virtual machine.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemTargetSizeMB() throws VMGuestLibException;

    /**
     * Returns the number of physical processor cores of the host.
     *
     * @return cores
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getHostNumCpuCores() throws VMGuestLibException;

    /**
     * Returns the processor time used on the whole host.
     *
     * @return ms
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getHostCpuUsedMs() throws VMGuestLibException;

    /**
     * Returns the host's memory that is swapped out.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getHostMemSwappedMB() throws VMGuestLibException;

    /**
     * Returns the host's memory that is shared copy-on-write.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getHostMemSharedMB() throws VMGuestLibException;

    /**
     * Returns the host's memory that is consumed.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getHostMemUsedMB() throws VMGuestLibException;

    /**
     * Returns the memory that is available to the hypervisor's kernel.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getHostMemPhysMB() throws VMGuestLibException;

    /**
     * Returns the host's physical memory that is free.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getHostMemPhysFreeMB() throws VMGuestLibException;

    /**
     * Returns 0, as the library of the SDK does since version 11.2.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     * @deprecated the value is always 0
     */
    @Deprecated
    long getHostMemKernOvhdMB() throws VMGuestLibException;

    /**
     * Returns the host's memory that is mapped.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getHostMemMappedMB() throws VMGuestLibException;

    /**
     * Returns the host's memory that is not mapped.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getHostMemUnmappedMB() throws VMGuestLibException;

    /**
     * Returns the guest memory that the host has compressed.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemZippedMB() throws VMGuestLibException;

    /**
     * Returns the host memory that the compression saves.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemZipSavedMB() throws VMGuestLibException;

    /**
     * Returns the guest memory in the host's low-latency swap.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemLLSwappedMB() throws VMGuestLibException;

    /**
     * Returns the memory that the host intends to swap out.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemSwapTargetMB() throws VMGuestLibException;

    /**
     * Returns the target size of the balloon.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemBalloonTargetMB() throws VMGuestLibException;

    /**
     * Returns the maximum size of the balloon.
     *
     * @return MB
     * @throws VMGuestLibException with the codes of an accessor
     */
    long getMemBalloonMaxMB() throws VMGuestLibException;
}
