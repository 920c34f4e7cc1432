package org.ioasis.capture.toy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.explain.Explanation;
import org.ioasis.api.explain.Step;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.inspect.PageSink;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.inspect.RowSink;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.MsiMessage;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.api.state.Section;
import org.ioasis.api.state.StatePort;
import org.ioasis.api.state.UnitState;

/**
 * A unit simple enough to be checked by eye. ROOT points to a table of 512 words, one per source
 * id: bit 0 present, 63:12 a page table. A page table has 512 words: bit 0 read, bit 1 write, bit 2
 * accessed (set by the unit), 63:12 the page. An IOVA has 21 bits. CTRL bit 0 enables, bit 1 makes
 * faults silent. A cache keeps entries until it is dropped. STATUS holds 80h + the last fault's
 * code.
 */
final class ToyUnit implements HardwareUnit, Mmio, Inspector, StatePort, Explainer {
  static final int ID = 0, ROOT = 8, CTRL = 0x10, STATUS = 0x14;
  static final int NO_DEVICE = 1, NO_RIGHT = 2, TOO_LARGE = 3;

  private final UnitEnvironment environment;
  private final Profile profile;
  private final PhysicalMemory memory;
  private final TreeMap<Long, RegisterValue> registers = new TreeMap<>();
  private final Map<Long, Long> cache = new HashMap<>();

  ToyUnit(UnitEnvironment environment, Profile profile) {
    this.environment = environment;
    this.profile = profile;
    this.memory = environment.memory();
    put("ID", ID, 4, profile.register("ID"));
    put("ROOT", ROOT, 8, 0);
    put("CTRL", CTRL, 4, 0);
    put("STATUS", STATUS, 4, 0);
  }

  private void put(String name, long offset, int bytes, long value) {
    registers.put(offset, new RegisterValue(name, offset, bytes, value));
  }

  private long get(long offset) {
    RegisterValue register = registers.get(offset);
    return register == null ? -1 : register.value();
  }

  /** Device 3 only: the data grows by 1 and the address by 1000h. */
  @Override
  public boolean remapInterrupt(MsiMessage message) {
    int source = message.sourceId();
    message.set(source, message.address() + 0x1000, message.data() + 1);
    return source == 3;
  }

  @Override
  public long translate(DmaRequest request) {
    if (request.iova() == 0xbad) {
      throw new IllegalStateException("the toy breaks on 0xbad");
    }
    if ((get(CTRL) & 1) == 0) {
      request.granted(DmaRequest.READ | DmaRequest.WRITE);
      return Translation.of(request.iova(), 12);
    }
    long key = (long) request.sourceId() << 32 | request.iova() >>> 12;
    Long entry = cache.get(key);
    if (entry == null) {
      entry = walk(request.sourceId(), request.iova(), true);
      if (entry > 0xFFF) {
        cache.put(key, entry);
      }
    }
    long need = request.isWrite() ? 2 : 1;
    int code = entry <= 0xFFF ? (int) (long) entry : (entry & need) == 0 ? NO_RIGHT : 0;
    if (code != 0) {
      return refuse(request, code);
    }
    request.granted((int) (entry & 3));
    return Translation.of((entry & -4096L) | (request.iova() & 0xFFF), 12);
  }

  private long refuse(DmaRequest request, int code) {
    request.refused(code);
    if ((get(CTRL) & 2) == 0) {
      put("STATUS", STATUS, 4, 0x80 + code);
    }
    return Translation.none(Translation.Refusal.FAULT);
  }

  /** The page-table entry, or a fault code. */
  private long walk(int source, long iova, boolean mark) {
    if (iova >>> 21 != 0) {
      return TOO_LARGE;
    }
    long device = source < 512 ? memory.load64(get(ROOT) + 8L * source) : 0;
    if ((device & 1) == 0) {
      return NO_DEVICE;
    }
    long at = (device & -4096L) + 8 * (iova >>> 12);
    long entry = memory.load64(at);
    if ((entry & 3) == 0) {
      return NO_RIGHT;
    }
    if (mark) {
      memory.store64(at, entry | 4);
    }
    return entry;
  }

  @Override
  public long probe(DmaRequest request) {
    throw new IllegalStateException("not asked here");
  }

  @Override
  public Explanation explain(DmaRequest request) {
    long at = get(ROOT) + 8L * request.sourceId();
    List<Step> steps = new ArrayList<>();
    long word = memory.load64(at);
    steps.add(
        new Step(
            "device[%d]".formatted(request.sourceId()),
            at,
            List.of(word),
            List.of(
                new Step.FieldValue("P", Long.toString(word & 1)),
                new Step.FieldValue("TABLE", "0x" + Long.toHexString(word & -4096L)))));
    long entry = walk(request.sourceId(), request.iova(), false);
    long need = request.isWrite() ? 2 : 1;
    if (entry > 0xFFF && (entry & need) != 0) {
      Answer ok = Answer.ok((entry & -4096L) | (request.iova() & 0xFFF), 12, (int) (entry & 3));
      return new Explanation(steps, "the entry grants it", ok, "", "", null, "");
    }
    int code = entry > 0xFFF ? NO_RIGHT : (int) entry;
    if ((get(CTRL) & 2) != 0) {
      return new Explanation(
          steps, "silent", Answer.blocked(code), "", "faults are silent", null, "");
    }
    return new Explanation(
        steps, "the entry is refused", Answer.fault(code), "TOY." + code, "toy fault", null, "");
  }

  @Override
  public Row unit() {
    return new Row().text("kind", ToyFactory.TOY).hex("root", get(ROOT));
  }

  @Override
  public void devices(RowSink sink) {
    for (int source = 0; source < 512; source++) {
      long device = memory.load64(get(ROOT) + 8L * source);
      boolean more =
          (device & 1) == 0
              || device == -1
              || sink.row(new Row().number("sid", source).hex("table", device & -4096L));
      if (!more) {
        return;
      }
    }
  }

  @Override
  public void domains(RowSink sink) {
    sink.row(new Row().number("tag", 1));
  }

  @Override
  public void mappings(int sourceId, RowSink sink) {
    devices(
        device -> {
          int source = (int) (long) device.asLong("sid").orElseThrow();
          if (sourceId != ALL_SOURCES && source != sourceId) {
            return true;
          }
          long table = device.asLong("table").orElseThrow();
          for (int page = 0; page < 512; page++) {
            long entry = memory.load64(table + 8L * page);
            if ((entry & 3) != 0 && entry != -1) {
              Row row = new Row().number("sid", source).nothing("pasid").text("type", "map");
              row.hex("iova", 4096L * page).hex("pa", entry & -4096L);
              if (!sink.row(row.flag("write", (entry & 2) != 0))) {
                return false;
              }
            }
          }
          return true;
        });
  }

  @Override
  public void reachablePages(PageSink sink) {
    sink.page(get(ROOT), "root");
    devices(device -> sink.page(device.asLong("table").orElseThrow(), "table"));
  }

  @Override
  public void importState(UnitState state) {
    if (state.registers().stream().noneMatch(register -> register.offset() == ROOT)) {
      throw new IoasisException(Reason.NOT_FOUND, "state refused: without ROOT nothing works");
    }
    state.registers().forEach(register -> registers.put(register.offset(), register));
    cache.clear();
  }

  @Override
  public UnitState exportState(Set<Section> wanted) {
    return UnitState.ofRegisters(ToyFactory.TOY, new ArrayList<>(registers.values()));
  }

  @Override
  public void dropCaches() {
    cache.clear();
  }

  @Override
  public String unitId() {
    return environment.unitId();
  }

  @Override
  public String kind() {
    return ToyFactory.TOY;
  }

  @Override
  public Profile profile() {
    return profile;
  }

  @Override
  public Mmio mmio() {
    return this;
  }

  @Override
  public Inspector inspector() {
    return this;
  }

  @Override
  public Explainer explainer() {
    return this;
  }

  @Override
  public StatePort state() {
    return this;
  }

  @Override
  public void reset(boolean cold) {
    cache.clear();
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of();
  }

  @Override
  public void close() {}

  @Override
  public long size() {
    return 4096;
  }

  @Override
  public int read32(long offset) {
    return (int) get(offset);
  }

  @Override
  public long read64(long offset) {
    return get(offset);
  }

  @Override
  public void write32(long offset, int value) {
    write64(offset, Integer.toUnsignedLong(value));
  }

  @Override
  public void write64(long offset, long value) {
    RegisterValue old = registers.get(offset);
    if (old != null && offset != ID) {
      put(old.name(), offset, old.bytes(), value);
    }
  }
}
