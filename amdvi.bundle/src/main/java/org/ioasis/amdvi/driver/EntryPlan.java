package org.ioasis.amdvi.driver;

import java.util.Map;
import org.ioasis.amdvi.driver.DeviceTable.Entry;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.api.machine.DmaRequest;

/**
 * What a device table entry says for a set of attachments. "Device Table Entry Format", "Selecting
 * the translation".
 *
 * <table>
 * <caption>The entry by what is attached</caption>
 * <tr><th>without PASID</th><th>with PASIDs</th><th>entry</th></tr>
 * <tr><td>v1</td><td>none</td><td>Mode and root, the domain&#39;s DomainID</td></tr>
 * <tr><td>v2, nothing or blocked</td><td>any</td><td>GV, GIoV, the device&#39;s GCR3 table and
 *     DomainID; requests without a PASID use entry 0, which may be absent</td></tr>
 * <tr><td>identity</td><td>some</td><td>GV without GIoV, the device&#39;s GCR3 table</td></tr>
 * <tr><td>nested</td><td>the user&#39;s</td><td>GV, the user&#39;s GCR3 table, the parent&#39;s
 *     Mode and root</td></tr>
 * <tr><td>identity</td><td>none</td><td>Mode 0 with rights</td></tr>
 * <tr><td>nothing or blocked</td><td>none</td><td>Mode 0 without rights</td></tr>
 * </table>
 *
 * @param rid what requests without a PASID meet; null for nothing
 * @param pasids whether a PASID is attached
 * @param faults whether some domain takes recoverable faults
 */
record EntryPlan(AmdDomain rid, boolean pasids, boolean faults) {
  private static final long VALID = Dte.V.mask() | Dte.TV.mask();
  private static final long RIGHTS = Dte.IR.mask() | Dte.IW.mask();

  /** The plan of attachments by PASID. */
  static EntryPlan of(Map<Integer, AmdDomain> attached) {
    return new EntryPlan(
        attached.get(DmaRequest.NO_PASID),
        attached.keySet().stream().anyMatch(pasid -> pasid != DmaRequest.NO_PASID),
        attached.values().stream().anyMatch(AmdDomain::isFaultCapable));
  }

  /** Whether the device&#39;s own GCR3 table is used. */
  boolean usesGcr3() {
    return pasids || (rid != null && rid.isGuest());
  }

  private boolean isIdentity() {
    return rid != null && rid.isIdentity();
  }

  /** Whether any request passes. */
  boolean grants() {
    return usesGcr3() || (rid != null && (rid.isHost() || rid.isIdentity() || rid.isNested()));
  }

  /**
   * The entry.
   *
   * @param gcr3 the device&#39;s table; may be null if it is not used
   * @param tag the device&#39;s DomainID for it
   * @param tlb whether the device may hold translations
   * @param pageRequests whether it may send page requests
   * @param interrupts word 2 as far as interrupts go
   */
  Entry entry(Gcr3Table gcr3, int tag, boolean tlb, boolean pageRequests, long interrupts) {
    long word1 = tlb ? Dte.I.mask() : 0;
    long word0 = VALID | (pageRequests ? Dte.PPR.mask() : 0);
    if (usesGcr3()) {
      word0 |= RIGHTS | Dte.GV.mask() | Dte.GLX.of(gcr3.levels() - 1);
      word0 |= isIdentity() ? 0 : Dte.GIOV.mask();
      word0 = Dte.withGcr3Root0(word0, gcr3.root());
      word1 = Dte.withGcr3Root1(word1 | Dte.DOMAIN_ID.of(tag), gcr3.root());
    } else if (rid != null && rid.isNested()) {
      GuestStage guest = rid.guest();
      word0 |= host(rid.parent()) | Dte.GV.mask() | Dte.GLX.of(guest.glx());
      word0 |= guest.giov() ? Dte.GIOV.mask() : 0;
      word0 = Dte.withGcr3Root0(word0, guest.root());
      word1 = Dte.withGcr3Root1(word1 | Dte.DOMAIN_ID.of(rid.id()), guest.root());
      return new Entry(word0, word1, interrupts | Dte.GUEST_PAGING.of(guest.pagingMode()), 0);
    } else if (rid != null && rid.isHost()) {
      word0 |= host(rid);
      word1 |= Dte.DOMAIN_ID.of(rid.id());
    } else if (isIdentity()) {
      word0 |= RIGHTS;
      word1 |= Dte.DOMAIN_ID.of(rid.id());
    }
    return new Entry(word0, word1, interrupts, 0);
  }

  private static long host(AmdDomain domain) {
    HostFormat format = (HostFormat) domain.table().format();
    return RIGHTS
        | Dte.MODE.of(format.mode())
        | Dte.HOST_ROOT.ofInPlace(domain.table().root())
        | (domain.isTracking() ? Dte.HAD.of(Dte.HAD_DIRTY) : 0);
  }
}
