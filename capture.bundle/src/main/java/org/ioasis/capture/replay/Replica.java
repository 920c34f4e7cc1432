package org.ioasis.capture.replay;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineFactory;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.MachineMemory;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.state.UnitState;
import org.ioasis.capture.file.CapturedMachine;
import org.ioasis.capture.file.Numbers;

/**
 * A private machine with one unit and a device at every source id that is asked about. Requests
 * take the way of every DMA: port, burst, the unit's fast path, its caches and records.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class Replica implements AutoCloseable {
  /** Identity of the unit in the machine. */
  private static final String UNIT = "replica";

  /** Wide enough for every structure; a unit narrows it to what its registers state. */
  private static final int ADDRESS_BITS = 52;

  private static final int PASID_BITS = 20;
  private static final long PAGE = 4096;
  private static final int LENGTH = 4;

  /** More ports than any capture has requesters; beyond, the ports of the earliest are given up. */
  private static final int MOST_PORTS = 4096;

  private final Machine machine;
  private final HardwareUnit unit;
  private final int sourceIdBits;
  private final AnswerFormat answers;
  private final AnswerFormat.Bench bench;
  private final DmaRequest request = new DmaRequest();
  private final Map<Integer, DmaPort> ports = new HashMap<>();
  private final Map<Integer, DmaBurst> bursts = new HashMap<>();
  private Row unitRow;

  private Replica(
      MachineFactory machines, HardwareFactory hardware, Profile profile, List<MemoryRegion> ram) {
    machine = machines.create(MachineSpec.isolated(UNIT, ADDRESS_BITS, ram));
    try {
      unit = hardware.create(machine.environment(UNIT), profile);
      machine.fabric().install(UNIT, unit);
      sourceIdBits = hardware.sourceIdBits();
      answers = hardware.answers();
      bench = answers.bench(unit.mmio(), machine.memory());
    } catch (RuntimeException e) {
      machine.close();
      throw e;
    }
  }

  /**
   * Restores what a capture or a dump holds: every register verbatim, memory behind it, all caches
   * empty.
   *
   * @param captured stays open as long as the replica
   * @param remarks told, a sentence each, what the registers claim and the model does not do
   */
  public static Replica restore(
      Laboratory laboratory, CapturedMachine captured, Consumer<String> remarks) {
    Replica replica = reset(laboratory, captured, remarks);
    try {
      replica
          .unit
          .state()
          .importState(UnitState.ofRegisters(captured.kind(), captured.registers().registers()));
      replica.bench.start();
      replica.machine.memory().checkpoint();
      return replica;
    } catch (RuntimeException e) {
      replica.close();
      throw e;
    }
  }

  /** The captured machine before its software ran: its profile and its memory, a unit in reset. */
  public static Replica reset(
      Laboratory laboratory, CapturedMachine captured, Consumer<String> remarks) {
    HardwareFactory hardware = laboratory.hardware(captured.kind());
    Profile profile = hardware.profileOf(captured.registers().registers(), remarks);
    long outside =
        captured.registers().ram().isEmpty()
            ? 0
            : captured.memory().outside(captured.registers().ram());
    if (outside != 0) {
      remarks.accept(
          "%d bytes of %s lie outside ram_segments and are not used"
              .formatted(outside, captured.memory().name()));
    }
    return new Replica(laboratory.machines(), hardware, profile, captured.regions());
  }

  /** A machine as it comes out of reset, with the RAM of the profile. */
  public static Replica fresh(Laboratory laboratory, HardwareFactory hardware, Profile profile) {
    Replica replica = new Replica(laboratory.machines(), hardware, profile, profile.ram());
    replica.bench.start();
    return replica;
  }

  /** The unit. */
  public HardwareUnit unit() {
    return unit;
  }

  /** The machine's memory. */
  public MachineMemory memory() {
    return machine.memory();
  }

  /** The unit's dialect. */
  public AnswerFormat answers() {
    return answers;
  }

  /** What the inspector says about the unit, asked once. */
  public Row unitRow() {
    if (unitRow == null) {
      unitRow = unit.inspector().unit();
    }
    return unitRow;
  }

  /**
   * Asks one request as if it were the first: the caches are empty, and what the walk writes is
   * undone. Only for a restored replica.
   */
  public Answer ask(int sourceId, int pasid, long iova, int access) {
    unit.state().dropCaches();
    Answer answer = request(sourceId, pasid, iova, access);
    machine.memory().rollback();
    return answer;
  }

  /** One request, with all its traces in caches, memory and records. */
  Answer request(int sourceId, int pasid, long iova, int access) {
    DmaBurst burst = bursts.get(sourceId);
    if (burst == null) {
      burst = join(sourceId);
    }
    question(request, sourceId, pasid, iova, access);
    long translation;
    burst.begin();
    try {
      translation = burst.translate(request);
    } finally {
      burst.end();
    }
    if (Translation.refusal(translation) == Translation.Refusal.BLOCKED) {
      throw new IoasisException(
          Reason.HARDWARE,
          "%s: the unit failed on '%s' and its port was closed; this is a defect of the model"
              .formatted(unit.kind(), request));
    }
    return bench.answer(request, translation);
  }

  /** The last request's outcome as a vector's {@code out}. */
  Row outcome() {
    return bench.outcome();
  }

  /** Puts a question into a request; the length stays inside a page. */
  public static DmaRequest question(
      DmaRequest request, int sourceId, int pasid, long iova, int access) {
    int length = (int) Math.min(LENGTH, PAGE - (iova & (PAGE - 1)));
    return request.set(sourceId, pasid, iova, length, access);
  }

  /**
   * Refuses a source id that no device of this unit can have.
   *
   * @throws IoasisException INVALID naming the width
   */
  public void checkSource(int sourceId) {
    if (Integer.toUnsignedLong(sourceId) >>> sourceIdBits != 0) {
      throw new IoasisException(
          Reason.INVALID,
          "device %s (source id 0x%x): source ids of %s have %d bits; leave the segment out"
              .formatted(Numbers.deviceName(sourceId), sourceId, unit.kind(), sourceIdBits));
    }
  }

  private DmaBurst join(int sourceId) {
    checkSource(sourceId);
    if (ports.size() >= MOST_PORTS) {
      ports.values().forEach(DmaPort::close);
      ports.clear();
      bursts.clear();
    }
    EndpointSpec spec =
        new EndpointSpec(
            Numbers.deviceName(sourceId), sourceId, false, false, false, false, PASID_BITS);
    DmaPort port = machine.fabric().join(spec, new Endpoint() {});
    machine.fabric().port(sourceId).orElseThrow().open(UNIT);
    DmaBurst burst = port.burst();
    ports.put(sourceId, port);
    bursts.put(sourceId, burst);
    return burst;
  }

  @Override
  public void close() {
    machine.fabric().remove(UNIT);
    unit.close();
    machine.close();
  }
}
