package org.ioasis.amdvi.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ioasis.amdvi.driver.DeviceTable.Entry;
import org.ioasis.amdvi.driver.HandOver.DeviceState;
import org.ioasis.amdvi.driver.HandOver.DomainState;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.machine.DmaRequest;

/**
 * Reads live device table entries as a hand-over: what a driver finds whose predecessor died. v2
 * domains get new DomainIDs, since the tables hold only those of the devices.
 *
 * <p><b>Threading:</b> one thread.
 */
final class TableScan {
  private static final int FIRST_NEW = 0x8000;

  private final DriverCore core;
  private final Map<Integer, DomainState> byId = new TreeMap<>();
  private final Map<Long, Integer> guestByRoot = new TreeMap<>();
  private final List<DeviceState> devices = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private int next = FIRST_NEW;

  TableScan(DriverCore core) {
    this.core = core;
  }

  List<DomainState> domains() {
    return List.copyOf(byId.values());
  }

  List<DeviceState> devices() {
    return devices;
  }

  List<String> remarks() {
    return remarks;
  }

  /** Takes in one entry. */
  void device(int id, Entry entry) {
    int domainId = (int) Dte.DOMAIN_ID.get(entry.word1());
    int mode = (int) Dte.MODE.get(entry.word0());
    boolean guest = Dte.GV.isSet(entry.word0());
    Map<Integer, Integer> attachments = new TreeMap<>();
    int tag = 0;
    if (guest && mode != 0) {
      remarks.add(
          "device 0x%04x has a user's tables, whose owner is not known; it is blocked"
              .formatted(id));
    } else if (guest) {
      tag = domainId;
      guest(entry, attachments);
    } else if (mode != 0) {
      host(domainId, mode, entry);
      attachments.put(DmaRequest.NO_PASID, domainId);
    } else if (Dte.IR.isSet(entry.word0()) && domainId != 0) {
      byId.putIfAbsent(domainId, state(domainId, DomainSpec.Type.IDENTITY, Set.of(), 0, -1, 0));
      attachments.put(DmaRequest.NO_PASID, domainId);
    }
    devices.add(new DeviceState(Adoption.facts(core, id), tag, attachments));
  }

  private void host(int domainId, int mode, Entry entry) {
    boolean tracking = Dte.HAD.get(entry.word0()) == Dte.HAD_DIRTY;
    Set<DomainFlag> flags = tracking ? Set.of(DomainFlag.DIRTY_TRACKING) : Set.of();
    long root = Dte.HOST_ROOT.inPlace(entry.word0());
    DomainState plain = state(domainId, DomainSpec.Type.PAGING, flags, 2, mode, root);
    byId.putIfAbsent(
        domainId,
        new DomainState(domainId, plain.type(), flags, 0, 2, mode, root, 0, tracking, null));
  }

  private void guest(Entry entry, Map<Integer, Integer> attachments) {
    Gcr3Table table =
        Gcr3Table.adopted(
            core.tables(),
            (int) Dte.GLX.get(entry.word0()) + 1,
            Dte.gcr3Root(entry.word0(), entry.word1()));
    boolean entry0 = Dte.GIOV.isSet(entry.word0());
    table.forEach(
        (pasid, root) -> {
          int id = guestByRoot.computeIfAbsent(root, ignored -> next++);
          byId.putIfAbsent(
              id, state(id, DomainSpec.Type.PAGING, Set.of(DomainFlag.PASID), 1, 0, root));
          attachments.put(pasid == 0 && entry0 ? DmaRequest.NO_PASID : pasid, id);
        });
    if (!entry0) {
      int id = next++;
      byId.put(id, state(id, DomainSpec.Type.IDENTITY, Set.of(), 0, -1, 0));
      attachments.put(DmaRequest.NO_PASID, id);
    }
  }

  private static DomainState state(
      int id, DomainSpec.Type type, Set<DomainFlag> flags, int stage, int levels, long root) {
    return new DomainState(id, type, flags, 0, stage, levels, root, 0, false, null);
  }
}
