package org.ioasis.vtd.driver;

import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.DmaRequest;

/**
 * The entries of one device, in the mode that the unit runs in. Every method returns when nothing
 * uses the old state any more.
 *
 * <p><b>Threading:</b> the device serialises.
 */
interface DevicePlaces {
  /** The PASID that stands for requests without one in tags. */
  int RID_PASID = 0;

  /** How tags name a place. */
  static int tag(int pasid) {
    return pasid == DmaRequest.NO_PASID ? RID_PASID : pasid;
  }

  /** Leads an empty place to a domain. */
  void fill(int pasid, VtdDomain domain);

  /** Leads a place to another domain; every request meets the old entry or the new one. */
  SyncResult exchange(int pasid, VtdDomain old, VtdDomain domain);

  /** Empties a place. */
  SyncResult empty(int pasid, VtdDomain old);

  /** Gives back what the device alone uses; all places are empty. */
  void close();
}
