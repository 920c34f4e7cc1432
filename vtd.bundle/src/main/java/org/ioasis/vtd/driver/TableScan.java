package org.ioasis.vtd.driver;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.kit.driver.TablePages;
import org.ioasis.vtd.format.ContextEntry;
import org.ioasis.vtd.format.PasidDirectoryEntry;
import org.ioasis.vtd.format.PasidTableEntry;
import org.ioasis.vtd.format.RootEntry;
import org.ioasis.vtd.format.ScalableContextEntry;

/**
 * Reads a {@link HandOver} out of live tables, for a successor of a driver that died. Changes
 * nothing.
 *
 * <p><b>Threading:</b> one thread, once.
 */
final class TableScan {
  private final DriverCore core;
  private final TablePages pages;
  private final long root;
  private final boolean scalable;
  private final Map<Integer, HandOver.DomainState> domains = new LinkedHashMap<>();
  private final Map<Long, Parent> parents = new LinkedHashMap<>();
  private final Map<Integer, Nested> nested = new LinkedHashMap<>();
  private final Map<Long, List<Integer>> directories = new LinkedHashMap<>();
  private final Map<Long, Map<Integer, Integer>> attachments = new LinkedHashMap<>();

  /** A second stage that nested entries go through. */
  private record Parent(int levels, Set<DomainFlag> marks) {}

  /** A nested domain, by its second stage and what its entries say of the first. */
  private record Nested(long root, long firstStage) {}

  TableScan(DriverCore core, long root) {
    this.core = core;
    this.pages = core.structures();
    this.root = root;
    this.scalable = core.claims().scalable();
  }

  HandOver run() {
    List<HandOver.DeviceState> devices = new ArrayList<>();
    int step = scalable ? 0x80 : 0x100;
    for (int source = 0; source < 0x10000; source += step) {
      long word = root + (scalable ? source / 0x80 * 8L : source / 0x100 * 16L);
      long entry = pages.load(word);
      if (RootEntry.P.isSet(entry)) {
        table(RootEntry.CTP.inPlace(entry), source, step, devices);
      }
    }
    addNested();
    directories.forEach(
        (directory, ids) ->
            devices.add(
                new HandOver.DeviceState(facts(ids), directory, attachments.get(directory))));
    return new HandOver(scalable, List.copyOf(domains.values()), devices, new BitSet());
  }

  private void table(long table, int source, int entries, List<HandOver.DeviceState> devices) {
    for (int i = 0; i < entries; i++) {
      int id = source + i;
      if (scalable) {
        long low = pages.load(ScalableContextEntry.address(table, id));
        if (ScalableContextEntry.P.isSet(low)) {
          directory(low, id);
        }
        continue;
      }
      long at = ContextEntry.address(table, id);
      long low = pages.load(at);
      if (ContextEntry.P.isSet(low)) {
        int did = legacyDomain(low, pages.load(at + 8));
        devices.add(
            new HandOver.DeviceState(facts(List.of(id)), 0, Map.of(DmaRequest.NO_PASID, did)));
      }
    }
  }

  private int legacyDomain(long low, long high) {
    int did = (int) ContextEntry.DID.get(high);
    if (ContextEntry.TT.get(low) == ContextEntry.TT_PASS_THROUGH) {
      add(identity(did));
    } else {
      int levels = (int) ContextEntry.AW.get(high) + 2;
      add(paging(did, 2, levels, ContextEntry.SSPTPTR.inPlace(low), Set.of()));
    }
    return did;
  }

  private void directory(long low, int id) {
    long directory = ScalableContextEntry.PASIDDIRPTR.inPlace(low);
    List<Integer> ids = directories.get(directory);
    if (ids != null) {
      ids.add(id);
      return;
    }
    directories.put(directory, new ArrayList<>(List.of(id)));
    Map<Integer, Integer> found = new TreeMap<>();
    attachments.put(directory, found);
    for (int i = 0; i < ScalableContextEntry.directoryEntries(low); i++) {
      long entry = pages.load(directory + 8L * i);
      if (PasidDirectoryEntry.P.isSet(entry)) {
        pasidTable(PasidDirectoryEntry.SMPTBLPTR.inPlace(entry), i << 6, found);
      }
    }
  }

  private void pasidTable(long table, int first, Map<Integer, Integer> found) {
    for (int i = 0; i < PasidTableEntry.ENTRIES; i++) {
      long at = PasidTableEntry.address(table, i);
      long word0 = pages.load(at);
      if (PasidTableEntry.P.isSet(word0)) {
        int pasid = first + i;
        found.put(
            pasid == DevicePlaces.RID_PASID ? DmaRequest.NO_PASID : pasid,
            pasidDomain(word0, pages.load(at + 8), pages.load(at + 16)));
      }
    }
  }

  private int pasidDomain(long word0, long word1, long word2) {
    int did = (int) PasidTableEntry.DID.get(word1);
    int levels = (int) PasidTableEntry.AW.get(word0) + 2;
    long second = PasidTableEntry.SSPTPTR.inPlace(word0);
    Set<DomainFlag> marks =
        PasidTableEntry.SSADE.isSet(word0) ? Set.of(DomainFlag.DIRTY_TRACKING) : Set.of();
    switch ((int) PasidTableEntry.PGTT.get(word0)) {
      case PasidTableEntry.PGTT_FIRST_STAGE ->
          add(
              paging(
                  did,
                  1,
                  4 + (int) PasidTableEntry.FSPM.get(word2),
                  PasidTableEntry.FSPTPTR.inPlace(word2),
                  Set.of()));
      case PasidTableEntry.PGTT_SECOND_STAGE -> add(paging(did, 2, levels, second, marks));
      case PasidTableEntry.PGTT_NESTED -> {
        parents.putIfAbsent(second, new Parent(levels, marks));
        nested.put(did, new Nested(second, word2));
      }
      case PasidTableEntry.PGTT_PASS_THROUGH -> add(identity(did));
      default -> throw refuse("a PASID entry 0x%x has a PGTT not written here", word0);
    }
    return did;
  }

  private IoasisException refuse(String why, Object... values) {
    return new IoasisException(
        Reason.UNSUPPORTED,
        "adopt of unit %s refused: ".formatted(core.unitId())
            + why.formatted(values)
            + "; start the driver instead");
  }

  private static HandOver.DomainState identity(int did) {
    return new HandOver.DomainState(
        did, DomainSpec.Type.IDENTITY, Set.of(), 0, 0, false, 0, 0, 0, 0, 0);
  }

  private static HandOver.DomainState paging(
      int did, int stage, int levels, long table, Set<DomainFlag> flags) {
    return new HandOver.DomainState(
        did, DomainSpec.Type.PAGING, flags, 0, stage, false, stage, levels, table, 0, 0);
  }

  private void add(HandOver.DomainState state) {
    HandOver.DomainState known = domains.putIfAbsent(state.did(), state);
    if (known != null && !known.equals(state)) {
      throw refuse(
          "domain-id 0x%x stands for two tables, 0x%x and 0x%x",
          state.did(), known.root(), state.root());
    }
  }

  /**
   * Adds nested domains behind their parents. A parent that is attached nowhere has a domain-id
   * that no entry tells, and gets a free one.
   */
  private void addNested() {
    Map<Long, Integer> dids = new LinkedHashMap<>();
    int free = Claims.FIRST_DID;
    for (var parent : parents.entrySet()) {
      HandOver.DomainState attached =
          domains.values().stream()
              .filter(domain -> domain.stage() == 2 && domain.root() == parent.getKey())
              .findFirst()
              .orElse(null);
      Set<DomainFlag> flags = EnumSet.of(DomainFlag.NEST_PARENT);
      flags.addAll(parent.getValue().marks());
      while (attached == null && (domains.containsKey(free) || nested.containsKey(free))) {
        free++;
      }
      int did = attached == null ? free : attached.did();
      domains.put(did, paging(did, 2, parent.getValue().levels(), parent.getKey(), flags));
      dids.put(parent.getKey(), did);
    }
    nested.forEach(
        (did, child) ->
            add(
                new HandOver.DomainState(
                    did,
                    DomainSpec.Type.NESTED,
                    Set.of(),
                    0,
                    0,
                    false,
                    0,
                    0,
                    0,
                    dids.get(child.root()),
                    child.firstStage())));
  }

  private DeviceFacts facts(List<Integer> ids) {
    int first = ids.get(0);
    EndpointSpec endpoint =
        core.environment()
            .devices()
            .device(first)
            .orElseGet(() -> EndpointSpec.plain("device-%04x".formatted(first), first));
    return new DeviceFacts(endpoint, ids.subList(1, ids.size()), false);
  }
}
