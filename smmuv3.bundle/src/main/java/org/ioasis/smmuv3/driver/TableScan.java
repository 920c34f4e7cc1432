package org.ioasis.smmuv3.driver;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.kit.driver.TablePages;
import org.ioasis.smmuv3.driver.HandOver.DeviceState;
import org.ioasis.smmuv3.driver.HandOver.DomainState;
import org.ioasis.smmuv3.format.Cd;
import org.ioasis.smmuv3.format.Ste;

/**
 * Reads live stream table entries as a hand-over: what a driver finds whose predecessor died.
 *
 * <p><b>Threading:</b> one thread.
 */
final class TableScan {
  private static final int FULL_BITS = 64;
  private static final int DSS_BYPASS = 1;

  private final DriverCore core;
  private final TablePages pages;
  private final Map<Long, DomainState> byRoot = new TreeMap<>();
  private final List<DomainState> plain = new ArrayList<>();
  private final List<DeviceState> devices = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private int serial;

  TableScan(DriverCore core) {
    this.core = core;
    this.pages = core.tables();
  }

  HandOver state() {
    List<DomainState> domains = new ArrayList<>(byRoot.values());
    domains.addAll(plain);
    return new HandOver(domains, devices, List.of());
  }

  List<String> remarks() {
    return remarks;
  }

  /** Takes in one entry. */
  void device(int sid, long at) {
    long word0 = pages.load(at);
    Map<Integer, Integer> attachments = new HashMap<>();
    switch ((int) Ste.CONFIG.get(word0)) {
      case StreamPlan.CONFIG_BYPASS -> attachments.put(DmaRequest.NO_PASID, identity());
      case StreamPlan.CONFIG_S1 -> contexts(word0, pages.load(at + 8), attachments);
      case StreamPlan.CONFIG_S2 ->
          attachments.put(DmaRequest.NO_PASID, second(pages.load(at + 16), pages.load(at + 24)));
      default ->
          remarks.add(
              "device 0x%x has a user's tables, whose owner is not known; it is blocked"
                  .formatted(sid));
    }
    EndpointSpec endpoint =
        core.environment()
            .devices()
            .device(sid)
            .orElse(EndpointSpec.plain("device 0x%x".formatted(sid), sid));
    devices.add(new DeviceState(new DeviceFacts(endpoint, List.of(), false), attachments));
  }

  private int identity() {
    DomainState state =
        new DomainState(++serial, 0, DomainSpec.Type.IDENTITY, Set.of(), 0, 0, 0, 0, null);
    plain.add(state);
    return state.serial();
  }

  private int second(long word2, long word3) {
    boolean dirty = Ste.S2HD.isSet(word2);
    int bits = FULL_BITS - (int) Ste.S2T0SZ.get(word2);
    return paging(2, (int) Ste.S2VMID.get(word2), bits, Ste.S2TTB.inPlace(word3), dirty);
  }

  private int paging(int stage, int tag, int inputBits, long root, boolean dirty) {
    Set<DomainFlag> flags = dirty ? Set.of(DomainFlag.DIRTY_TRACKING) : Set.of();
    return byRoot
        .computeIfAbsent(
            root,
            key ->
                new DomainState(
                    ++serial, tag, DomainSpec.Type.PAGING, flags, stage, inputBits, root, 0, null))
        .serial();
  }

  private void contexts(long word0, long word1, Map<Integer, Integer> attachments) {
    ContextTable table =
        ContextTable.adopted(pages, (int) Ste.S1CDMAX.get(word0), Ste.S1CONTEXTPTR.inPlace(word0));
    table.forEach(
        (ssid, at) -> {
          long cd = pages.load(at);
          int id =
              paging(
                  1,
                  (int) Cd.ASID.get(cd),
                  FULL_BITS - (int) Cd.T0SZ.get(cd),
                  Cd.TTB0.inPlace(pages.load(at + 8)),
                  Cd.HD.isSet(cd));
          attachments.put(ssid == 0 ? DmaRequest.NO_PASID : ssid, id);
        });
    if (Ste.S1CDMAX.get(word0) != 0 && Ste.S1DSS.get(word1) == DSS_BYPASS) {
      attachments.put(DmaRequest.NO_PASID, identity());
    }
  }
}
