package org.ioasis.amdvi.hardware;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.api.state.Section;
import org.ioasis.api.state.StatePort;
import org.ioasis.api.state.UnitState;
import org.ioasis.kit.registers.RegisterFile;

/**
 * State in and out, and reset. Registers are verbatim; the unit works with what they hold and has
 * latched nothing else. Which devices have had their first fault logged (SE) and pending answers of
 * devices are not exported. Caches never are: they are refilled.
 *
 * <p><b>Threading:</b> as {@link StatePort} says.
 */
final class AmdviState implements StatePort {
  private final UnitCore core;
  private final TranslationCaches caches;
  private final InterruptEntryCache interrupts;
  private final EventLog log;
  private final CommandBuffer commands;

  AmdviState(
      UnitCore core,
      TranslationCaches caches,
      InterruptEntryCache interrupts,
      EventLog log,
      CommandBuffer commands) {
    this.core = core;
    this.caches = caches;
    this.interrupts = interrupts;
    this.log = log;
    this.commands = commands;
  }

  @Override
  public void importState(UnitState state) {
    check(state);
    load(state, core.registers.table().newFile(null));
    core.enter();
    try {
      core.registers.coldReset();
      load(state, core.registers);
      restore();
    } finally {
      core.leave();
    }
  }

  private static void check(UnitState state) {
    if (!state.kind().equals(AmdviFactory.AMDVI)) {
      throw new IoasisException(
          Reason.INVALID,
          "state refused: it is of kind %s, the unit is of kind %s"
              .formatted(state.kind(), AmdviFactory.AMDVI));
    }
    List<String> missing = new ArrayList<>();
    for (AmdviDictionary.Row row : AmdviDictionary.NEEDED) {
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
  private static void load(UnitState state, RegisterFile<AmdviUnit> registers) {
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

  private void restore() {
    core.latch();
    commands.restore();
    log.rearmAll();
    dropCaches();
  }

  /** Returns to reset state; no register survives a warm one. */
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
      return new UnitState(AmdviFactory.AMDVI, UnitState.VERSION, registers, Map.of());
    } finally {
      core.leave();
    }
  }

  @Override
  public void dropCaches() {
    caches.invalidateAll();
    interrupts.invalidateAll();
  }
}
