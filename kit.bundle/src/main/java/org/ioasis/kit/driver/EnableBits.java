package org.ioasis.kit.driver;

import org.ioasis.api.driver.DeviceControl;

/**
 * The enable bits of a device&#39;s ATS, PRI and PASID capabilities, as software last wrote them.
 * Nothing is written if nothing changes, or to a device that is gone.
 *
 * <p><b>Threading:</b> the caller guards it.
 */
public final class EnableBits {
  private final DeviceControl control;
  private final int sourceId;
  private boolean ats;
  private boolean pages;
  private boolean pasids;

  /** Bits of a device, all off. */
  public EnableBits(DeviceControl control, int sourceId) {
    this.control = control;
    this.sourceId = sourceId;
  }

  /** Switches off what is not allowed any more. */
  public void restrict(boolean mayAts, boolean mayPages, boolean mayPasids) {
    set(ats && mayAts, pages && mayPages, pasids && mayPasids);
  }

  /** Writes the bits. */
  public void set(boolean wantAts, boolean wantPages, boolean wantPasids) {
    if (ats == wantAts && pages == wantPages && pasids == wantPasids) {
      return;
    }
    adopted(wantAts, wantPages, wantPasids);
    if (control.device(sourceId).isPresent()) {
      control.enable(sourceId, wantAts, wantPages, wantPasids);
    }
  }

  /** Notes what a predecessor wrote. */
  public void adopted(boolean hasAts, boolean hasPages, boolean hasPasids) {
    ats = hasAts;
    pages = hasPages;
    pasids = hasPasids;
  }
}
