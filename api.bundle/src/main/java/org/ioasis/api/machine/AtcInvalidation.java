package org.ioasis.api.machine;

/**
 * A request to a device to forget translations it holds (PCIe ATS Invalidate Request).
 *
 * @param sourceId whom it is for
 * @param pasid PASID, or {@link DmaRequest#NO_PASID}
 * @param base first address, aligned to the size
 * @param sizeLg2 log2 of the bytes, 12 to 64; 64 means everything
 * @param global all PASIDs
 */
public record AtcInvalidation(int sourceId, int pasid, long base, int sizeLg2, boolean global) {}
