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
 * State in and out, and reset. Registers are verbatim. Section LATCHED is a blob {@value
 * #LATCHED_TYPE} of four little-endian 64-bit words: the root table as RTADDR, the interrupt table
 * as IRTA, the queue as IQA, and the number of the next fault record; without it the registers
 * count as latched. A blob {@value #PASIDS_TYPE} may follow, with a bit for each PASID that the
 * virtual command registers gave, from PASID 0 in bit 0 of byte 0. Caches are never exported: they
 * are refilled.
 *
 * <p><b>Threading:</b> as {@link StatePort} says.
 */
final class VtdState implements StatePort {
  /** Type of the blob in section LATCHED. */
  static final String LATCHED_TYPE = "vtd.latched";

  /** Type of the second blob in section LATCHED. */
  static final String PASIDS_TYPE = "vtd.pasids";

  private static final int LATCHED_BYTES = 32;

  /** A bit for each of 2^20 PASIDs. */
  private static final int MOST_PASID_BYTES = 1 << 17;

  private final UnitCore core;
  private final TranslationCaches caches;
  private final InterruptEntryCache interrupts;
  private final VirtualCommands virtualCommands;
  private final GlobalCommand command;
  private final InvalidationQueue queue;
  private final FaultRecorder recorder;
  private final RegisterInvalidation registerInvalidation;
  private final ProtectedMemory protectedMemory;
  private final PageRequests pageRequests;

  VtdState(
      UnitCore core,
      TranslationCaches caches,
      InterruptEntryCache interrupts,
      VirtualCommands virtualCommands,
      GlobalCommand command,
      InvalidationQueue queue,
      FaultRecorder recorder,
      RegisterInvalidation registerInvalidation,
      ProtectedMemory protectedMemory,
      PageRequests pageRequests) {
    this.core = core;
    this.caches = caches;
    this.interrupts = interrupts;
    this.virtualCommands = virtualCommands;
    this.command = command;
    this.queue = queue;
    this.recorder = recorder;
    this.registerInvalidation = registerInvalidation;
    this.protectedMemory = protectedMemory;
    this.pageRequests = pageRequests;
  }

  @Override
  public void importState(UnitState state) {
    check(state);
    ByteBuffer latched = latchedSection(state);
    byte[] pasids = pasidSection(state);
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
      virtualCommands.restore(pasids);
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
    if (blobs.size() > 2 || !blob.type().equals(LATCHED_TYPE) || blob.length() != LATCHED_BYTES) {
      throw new IoasisException(
          Reason.MALFORMED,
          "state refused: section LATCHED must begin with a blob %s of %d bytes, it has %d blobs, first %s of %d"
              .formatted(LATCHED_TYPE, LATCHED_BYTES, blobs.size(), blob.type(), blob.length()));
    }
    return blob.bytes();
  }

  private static byte[] pasidSection(UnitState state) {
    List<Blob> blobs = state.sections().getOrDefault(Section.LATCHED, List.of());
    if (blobs.size() < 2) {
      return new byte[0];
    }
    Blob blob = blobs.get(1);
    if (!blob.type().equals(PASIDS_TYPE) || blob.length() > MOST_PASID_BYTES) {
      throw new IoasisException(
          Reason.MALFORMED,
          "state refused: the second blob of section LATCHED must be %s of at most %d bytes, it is %s of %d"
              .formatted(PASIDS_TYPE, MOST_PASID_BYTES, blob.type(), blob.length()));
    }
    byte[] pasids = new byte[blob.length()];
    blob.bytes().get(pasids);
    return pasids;
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
    pageRequests.restore();
    virtualCommands.restore(new byte[0]);
    dropCaches();
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
        sections.put(Section.LATCHED, latchedBlobs());
      }
      return new UnitState(VtdFactory.VTD, UnitState.VERSION, registers, sections);
    } finally {
      core.leave();
    }
  }

  private List<Blob> latchedBlobs() {
    byte[] pasids = virtualCommands.allocated();
    return pasids.length == 0
        ? List.of(latchedBlob())
        : List.of(latchedBlob(), new Blob(PASIDS_TYPE, ByteBuffer.wrap(pasids)));
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
    interrupts.invalidateAll();
  }
}
