package org.ioasis.vtd.hardware;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.api.state.Section;
import org.ioasis.api.state.StatePort;
import org.ioasis.api.state.UnitState;
import org.ioasis.kit.registers.RegisterFile;
import org.ioasis.vtd.format.Fsts;
import org.ioasis.vtd.format.Gcmd;
import org.ioasis.vtd.format.RegisterMap;
import org.ioasis.vtd.format.Rtaddr;

/**
 * State in and out, and reset. Registers are verbatim. Section LATCHED is one blob {@value
 * #LATCHED_TYPE} of four little-endian 64-bit words: the root table as RTADDR, the interrupt table
 * as IRTA, the queue as IQA, and the number of the next fault record; without it the registers
 * count as latched. Caches are never exported: they are refilled.
 *
 * <p><b>Threading:</b> as {@link StatePort} says.
 */
final class VtdState implements StatePort {
  /** Type of the blob in section LATCHED. */
  static final String LATCHED_TYPE = "vtd.latched";

  private static final int LATCHED_BYTES = 32;

  private final UnitCore core;
  private final TranslationCaches caches;
  private final GlobalCommand command;
  private final InvalidationQueue queue;
  private final FaultRecorder recorder;
  private final RegisterInvalidation registerInvalidation;
  private final ProtectedMemory protectedMemory;

  VtdState(
      UnitCore core,
      TranslationCaches caches,
      GlobalCommand command,
      InvalidationQueue queue,
      FaultRecorder recorder,
      RegisterInvalidation registerInvalidation,
      ProtectedMemory protectedMemory) {
    this.core = core;
    this.caches = caches;
    this.command = command;
    this.queue = queue;
    this.recorder = recorder;
    this.registerInvalidation = registerInvalidation;
    this.protectedMemory = protectedMemory;
  }

  @Override
  public void importState(UnitState state) {
    check(state);
    ByteBuffer latched = latchedSection(state);
    load(state, core.registers.table().newFile(null));
    core.enter();
    try {
      core.registers.coldReset();
      load(state, core.registers);
      if (latched == null) {
        latchFromRegisters();
      } else {
        long rtaddr = latched.getLong();
        long irta = latched.getLong();
        latch(rtaddr, irta, latched.getLong(), (int) latched.getLong());
      }
    } finally {
      core.leave();
    }
  }

  private static void check(UnitState state) {
    if (!state.kind().equals(VtdFactory.VTD)) {
      throw new IoasisException(
          Reason.INVALID,
          "state refused: it is of kind %s, the unit is of kind %s"
              .formatted(state.kind(), VtdFactory.VTD));
    }
    List<String> missing = new ArrayList<>();
    for (VtdDictionary.Row row : VtdDictionary.NEEDED) {
      if (state.registers().stream().noneMatch(register -> register.offset() == row.offset())) {
        missing.add("%s at 0x%x".formatted(row.name(), row.offset()));
      }
    }
    if (!missing.isEmpty()) {
      throw new IoasisException(
          Reason.NOT_FOUND,
          "state refused: without %s nothing can be translated; add them to the registers"
              .formatted(String.join(" and ", missing)));
    }
  }

  private static ByteBuffer latchedSection(UnitState state) {
    List<Blob> blobs = state.sections().getOrDefault(Section.LATCHED, List.of());
    if (blobs.isEmpty()) {
      return null;
    }
    Blob blob = blobs.get(0);
    if (blobs.size() != 1 || !blob.type().equals(LATCHED_TYPE) || blob.length() != LATCHED_BYTES) {
      throw new IoasisException(
          Reason.MALFORMED,
          "state refused: section LATCHED must be one blob %s of %d bytes, it has %d, first %s of %d"
              .formatted(LATCHED_TYPE, LATCHED_BYTES, blobs.size(), blob.type(), blob.length()));
    }
    return blob.bytes();
  }

  /** Puts values where registers are; what this unit has no register for is left out. */
  private static void load(UnitState state, RegisterFile<VtdUnit> registers) {
    for (RegisterValue register : state.registers()) {
      try {
        registers.load(register.offset(), register.bytes(), register.value());
      } catch (IllegalArgumentException e) {
        if (registers.table().hasRegister(register.offset())) {
          throw new IoasisException(
              Reason.MALFORMED,
              "state refused: register %s, %d bytes at 0x%x: %s"
                  .formatted(register.name(), register.bytes(), register.offset(), e.getMessage()),
              e);
        }
      }
    }
  }

  private void latchFromRegisters() {
    latch(
        core.registers.peek(RegisterMap.RTADDR),
        core.registers.peek(RegisterMap.IRTA),
        core.registers.peek(RegisterMap.IQA),
        nextRecord());
  }

  /** The record after the one that FRI names, as far as registers tell. */
  private int nextRecord() {
    long fsts = core.registers.peek(RegisterMap.FSTS);
    return Fsts.PPF.isSet(fsts) ? (int) Fsts.FRI.get(fsts) + 1 : 0;
  }

  private void latch(long rtaddr, long irta, long iqa, int nextRecord) {
    command.restore(rtaddr, irta);
    queue.restore(Gcmd.QIE.isSet(core.registers.peek(RegisterMap.GSTS)), iqa);
    registerInvalidation.restore();
    recorder.restart(nextRecord);
    protectedMemory.restore();
    caches.dropAll();
  }

  /** Returns to reset state: a warm one leaves sticky registers and the next fault record. */
  void reset(boolean cold) {
    core.enter();
    try {
      int next = recorder.next();
      if (cold) {
        core.registers.coldReset();
        latch(0, 0, 0, 0);
      } else {
        core.registers.warmReset();
        latch(0, 0, 0, next);
      }
    } finally {
      core.leave();
    }
  }

  @Override
  public UnitState exportState(Set<Section> wanted) {
    core.enter();
    try {
      List<RegisterValue> registers = new ArrayList<>();
      if (wanted.contains(Section.REGISTERS)) {
        for (var value : core.registers.values()) {
          registers.add(
              new RegisterValue(value.name(), value.offset(), value.bytes(), value.value()));
        }
      }
      Map<Section, List<Blob>> sections = new EnumMap<>(Section.class);
      if (wanted.contains(Section.LATCHED)) {
        sections.put(Section.LATCHED, List.of(latchedBlob()));
      }
      return new UnitState(VtdFactory.VTD, UnitState.VERSION, registers, sections);
    } finally {
      core.leave();
    }
  }

  private Blob latchedBlob() {
    Latched latched = core.latched;
    ByteBuffer bytes = ByteBuffer.allocate(LATCHED_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(latched.rootTable() | Rtaddr.TTM.of(latched.ttm()));
    bytes.putLong(latched.interruptTable());
    bytes.putLong(queue.activeIqa());
    bytes.putLong(recorder.next());
    return new Blob(LATCHED_TYPE, bytes.flip());
  }

  @Override
  public void dropCaches() {
    caches.dropAll();
  }
}
