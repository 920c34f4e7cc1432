package org.ioasis.vtd.driver;

/**
 * Where a domain is attached.
 *
 * @param device the device
 * @param tag PASID, or RID_PASID for requests without one
 */
record Place(VtdDevice device, int tag) {}
