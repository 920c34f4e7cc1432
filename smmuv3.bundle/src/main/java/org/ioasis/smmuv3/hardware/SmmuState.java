package org.ioasis.smmuv3.hardware;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.api.state.Section;
import org.ioasis.api.state.StatePort;
import org.ioasis.api.state.UnitState;
import org.ioasis.kit.registers.RegisterFile;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.RegisterMap;

/**
 * State in and out, and reset. Registers are verbatim, and they are all: base registers cannot
 * change while what they guard is enabled, so what hardware works with is what they say, with the
 * enables of CR0ACK. Caches are never exported: they are refilled. Held transactions are the
 * section INFLIGHT, as far as software knows of them; an import aborts what the unit held before.
 *
 * <p><b>Threading:</b> as {@link StatePort} says.
 */
final class SmmuState implements StatePort {
  private final UnitCore core;
  private final TranslationCaches caches;
  private final CommandQueue commands;
  private final EventQueue events;
  private final PriQueue pages;
  private final StallTable stalls;
  private final AtcInvalidations devices;
  private final EnableHandshake handshake;

  SmmuState(
      UnitCore core,
      TranslationCaches caches,
      CommandQueue commands,
      EventQueue events,
      PriQueue pages,
      StallTable stalls,
      AtcInvalidations devices,
      EnableHandshake handshake) {
    this.core = core;
    this.caches = caches;
    this.commands = commands;
    this.events = events;
    this.pages = pages;
    this.stalls = stalls;
    this.devices = devices;
    this.handshake = handshake;
  }

  @Override
  public void importState(UnitState state) {
    check(state);
    load(state, core.registers.table().newFile(null));
    List<StallTable.Stall> held = HeldState.read(state.sections(), stalls.most());
    core.enter();
    try {
      core.registers.coldReset();
      load(state, core.registers);
      restore();
      stalls.restore(held);
    } finally {
      core.leave();
    }
  }

  private static void check(UnitState state) {
    if (!state.kind().equals(SmmuFactory.SMMUV3)) {
      throw new IoasisException(
          Reason.INVALID,
          "state refused: it is of kind %s, the unit is of kind %s"
              .formatted(state.kind(), SmmuFactory.SMMUV3));
    }
    List<String> missing = new ArrayList<>();
    for (SmmuDictionary.Row row : SmmuDictionary.NEEDED) {
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

  /** Puts values where registers are; what this unit has no register for is left out. */
  private static void load(UnitState state, RegisterFile<SmmuUnit> registers) {
    boolean acknowledged = false;
    for (RegisterValue register : state.registers()) {
      acknowledged |= register.offset() == RegisterMap.CR0ACK;
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
    if (!acknowledged) {
      registers.poke(RegisterMap.CR0ACK, registers.peek(RegisterMap.CR0));
    }
  }

  private void restore() {
    stalls.endAll(StallEnd.ABORT);
    events.clear();
    pages.restart();
    devices.clear();
    commands.restore(Cr0.CMDQEN.isSet(core.registers.peek(RegisterMap.CR0ACK)));
    handshake.restore();
    dropCaches();
  }

  /** Returns to reset state; no register survives a warm reset. */
  void reset(boolean cold) {
    core.enter();
    try {
      if (cold) {
        core.registers.coldReset();
      } else {
        core.registers.warmReset();
      }
      restore();
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
      Map<Section, List<Blob>> sections =
          wanted.contains(Section.INFLIGHT)
              ? Map.of(Section.INFLIGHT, HeldState.write(stalls.tagged()))
              : Map.of();
      return new UnitState(SmmuFactory.SMMUV3, UnitState.VERSION, registers, sections);
    } finally {
      core.leave();
    }
  }

  @Override
  public void dropCaches() {
    caches.dropAll();
  }
}
