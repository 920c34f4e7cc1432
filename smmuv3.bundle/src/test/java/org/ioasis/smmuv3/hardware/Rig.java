package org.ioasis.smmuv3.hardware;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.Translation.Refusal;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.machine.Work;
import org.ioasis.api.machine.WorkQueue;
import org.ioasis.api.memory.MachineMemory;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.memory.SparseMemory;

/**
 * A unit on a bench of its own, with words of the worked examples: memory, bursts that tests open
 * and close, a clock that tests move, devices that remember what they are told. Turns run at once
 * unless a burst is open, then when the rig is drained. One thread.
 *
 * <pre>
 *  100000h  stream table, linear, 256 STEs      200000h  64 commands    210000h  16 events
 *  300000h  CDs                                 220000h  8 PRI records
 *  400000h  stage 1, 4K, levels 0 to 3 in 4 pages; stage 2 at 410000h; identity at 420000h
 *  500000h  data
 * </pre>
 */
final class Rig implements UnitEnvironment {
  static final int SID = 1, SID_2 = 2, SID_NESTED = 3, SID_BYPASS = 4;
  static final long IOVA = 0x1234_5678_9ABCL, PAGE = 0x50_0000L, PA = 0x50_0ABCL;
  static final long IPA = 0x98_1234_5678L, PA_2 = 0x50_1678L;
  static final long STREAMS = 0x10_0000L, COMMANDS = 0x20_0000L, EVENTS = 0x21_0000L;
  static final long PAGES = 0x22_0000L, CD = 0x30_0000L, TTB = 0x40_0000L, S2TTB = 0x41_0000L;
  static final long IDENTITY = 0x42_0000L, LEAF = 0x40_3C48L, LEAF_2 = 0x41_4A28L;
  static final long CD_Q0 = 0x002A_E205_C000_3510L, STE_Q2 = 0x044D_3558_0000_0005L;
  static final int ASID = 0x2A, VMID = 5;

  /** A device that remembers. */
  static final class Device implements Endpoint {
    final List<String> told = new ArrayList<>();
    final List<Runnable> unanswered = new ArrayList<>();
    boolean silent;

    @Override
    public void invalidateAtc(AtcInvalidation invalidation, Runnable completed) {
      told.add(
          "atc %x+2^%d pasid %d%s"
              .formatted(
                  invalidation.base(),
                  invalidation.sizeLg2(),
                  invalidation.pasid(),
                  invalidation.global() ? " global" : ""));
      if (silent) {
        unanswered.add(completed);
      } else {
        completed.run();
      }
    }

    @Override
    public void pageResponse(PageResponse response) {
      told.add(
          "%s group %d pasid %d".formatted(response.code(), response.group(), response.pasid()));
    }

    @Override
    public void stallEnded(long stallTag, StallEnd end) {
      told.add("%s %d".formatted(end, stallTag));
    }

    /** What was said since the last time. */
    List<String> take() {
      List<String> all = List.copyOf(told);
      told.clear();
      return all;
    }
  }

  private record Alarm(long at, Runnable action) {}

  final MachineMemory memory =
      new SparseMemory(
          52,
          List.of(
              MemoryRegion.ram(0, 0x1000_0000L), MemoryRegion.ram(0xF_0000_0000_0000L, 0x10_0000)));

  final Device device = new Device();
  final List<String> messages = new ArrayList<>();
  final SmmuUnit unit;
  final DmaRequest request = new DmaRequest();

  private final Map<Long, Integer> accepted = new HashMap<>();
  private final Deque<Place> ready = new ArrayDeque<>();
  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>((one, other) -> Long.compare(one.at, other.at));
  private int openBursts;
  private long endedBursts;
  private long now;
  private long prod;
  private long cons;

  Rig(Profile profile) {
    unit = new SmmuUnit(this, profile, Capabilities.of(profile));
  }

  /** The default profile, reset state. */
  static Rig reset() {
    return new Rig(SmmuProfiles.FULL);
  }

  /** The default profile, running. */
  static Rig full() {
    return reset().start();
  }

  /** Other identification registers, running. */
  static Rig of(long idr0, long idr1, long idr3, long idr5) {
    return new Rig(profile(idr0, idr1, idr3, idr5)).start();
  }

  /** The emulated machine. */
  static Rig emulated() {
    return of(0x0D44_101BL, 0x0273_0010L, 0x1414L, 0x74L);
  }

  static Profile profile(long idr0, long idr1, long idr3, long idr5) {
    Map<String, Long> registers = new HashMap<>(SmmuProfiles.FULL.registers());
    registers.put("IDR0", idr0);
    registers.put("IDR1", idr1);
    registers.put("IDR3", idr3);
    registers.put("IDR5", idr5);
    return new Profile("smmuv3", "test", registers, Map.of(), List.of(), 0);
  }

  /** Structures, queues, enables: what a driver does. */
  Rig start() {
    poke(STREAMS + 64, 0xBL | CD, 0, 0, 0);
    poke(STREAMS + 128, 0xDL, 0, STE_Q2, S2TTB);
    poke(STREAMS + 192, 0xFL | CD, 0, STE_Q2, IDENTITY);
    poke(STREAMS + 256, 0x9L, 0, 0, 0);
    poke(CD, CD_Q0, TTB, 0, 0xF404_FF44L, 0, 0, 0, 0);
    poke(TTB + 0x120, 0x40_1003L);
    poke(0x40_1688, 0x40_2003L);
    poke(0x40_2598, 0x40_3003L);
    poke(LEAF, PAGE | 0xF47);
    poke(S2TTB + 0x1300, 0x41_3003L);
    poke(0x41_3000 + 0x91 * 8, 0x41_4003L);
    poke(LEAF_2, 0x50_1000L | 0x7FF);
    poke(IDENTITY, 0x7FDL);
    w64(0x80, STREAMS);
    w32(0x88, 8);
    w64(0x90, COMMANDS | 6);
    w64(0xA0, EVENTS | 4);
    w64(0xC0, PAGES | 3);
    w32(0x28, 0xD75);
    w32(0x2C, 2);
    w32(0x20, 0xC | (r32(0) >>> 16 & 1) << 1);
    w32(0x20, r32(0x20) | 1);
    return this;
  }

  // What tests do.

  long r32(long offset) {
    return unit.mmio().read32(offset) & 0xFFFF_FFFFL;
  }

  long r64(long offset) {
    return unit.mmio().read64(offset);
  }

  Rig w32(long offset, long value) {
    unit.mmio().write32(offset, (int) value);
    return this;
  }

  Rig w64(long offset, long value) {
    unit.mmio().write64(offset, value);
    return this;
  }

  Rig poke(long address, long... words) {
    for (int i = 0; i < words.length; i++) {
      memory.store64(address + 8L * i, words[i]);
    }
    return this;
  }

  long peek(long address) {
    return memory.load64(address);
  }

  /** Puts a command into the ring and rings the doorbell. */
  Rig command(long lo, long hi) {
    poke(COMMANDS + (prod & 63) * 16, lo, hi);
    prod = (prod + 1) & 127;
    return w32(0x98, prod);
  }

  /** Everything cached goes, as after CFGI_ALL and TLBI_NSNH_ALL. */
  Rig forget() {
    return command(4, 31).command(0x30, 0).command(0x20, 0).command(0x46, 0);
  }

  /** The outcome of one transaction: {@code ok 500abc}, or how it was refused. */
  String ask(int sid, long iova, int access) {
    return ask(request.set(sid, DmaRequest.NO_PASID, iova, 4, access));
  }

  String read(int sid, long iova) {
    return ask(sid, iova, DmaRequest.READ);
  }

  String write(int sid, long iova) {
    return ask(sid, iova, DmaRequest.WRITE);
  }

  String ask(DmaRequest question) {
    long answer = unit.translate(question);
    if (Translation.isPresent(answer)) {
      return "ok " + Long.toHexString(Translation.address(answer));
    }
    Refusal refusal = Translation.refusal(answer);
    return refusal + (question.faultCode() == 0 ? "" : " %x".formatted(question.faultCode()));
  }

  /** New event records, which it consumes: words in hexadecimal. */
  List<String> events() {
    List<String> records = new ArrayList<>();
    long end = r32(0x1_00A8) & 31;
    for (; cons != end; cons = (cons + 1) & 31) {
      long at = EVENTS + (cons & 15) * 32;
      records.add("%x %x %x %x".formatted(peek(at), peek(at + 8), peek(at + 16), peek(at + 24)));
    }
    w32(0x1_00AC, cons | (r32(0x1_00A8) & 0x8000_0000L));
    return records;
  }

  /** Acknowledges every global error. */
  Rig acknowledge() {
    return w32(0x64, r32(0x60));
  }

  long commandError() {
    return r32(0x9C) >>> 24 & 0x7F;
  }

  void openBurst() {
    openBursts++;
  }

  void closeBurst() {
    openBursts--;
    endedBursts++;
  }

  /** Takes turns until none is pending or all of them wait. */
  void drain() {
    for (int turns = ready.size(); turns > 0 && !ready.isEmpty(); turns--) {
      Place place = ready.poll();
      place.pending = false;
      if (place.work.run() == Work.Progress.WAITING) {
        place.pending = true;
        ready.add(place);
      } else {
        turns = ready.size() + 1;
      }
    }
  }

  /** Lets time pass. */
  void advance(long millis) {
    now += millis * 1_000_000;
    while (!alarms.isEmpty() && alarms.peek().at <= now) {
      alarms.poll().action.run();
    }
  }

  /** Messages to this address are lost from now on. */
  void noMessagesTo(long address) {
    accepted.put(address, 0);
  }

  // What the unit sees.

  @Override
  public String unitId() {
    return "smmu0";
  }

  @Override
  public MachineMemory memory() {
    return memory;
  }

  @Override
  public TimeSource time() {
    return new TimeSource() {
      @Override
      public long nanoTime() {
        return now;
      }

      @Override
      public Timer schedule(long delayNanos, Runnable action) {
        Alarm alarm = new Alarm(now + delayNanos, action);
        alarms.add(alarm);
        return () -> alarms.remove(alarm);
      }

      @Override
      public boolean await(BooleanSupplier condition, long timeoutNanos) {
        throw new AssertionError("a unit does not wait");
      }
    };
  }

  @Override
  public WorkQueue workQueue(String name, Work work) {
    return new Place(name, work);
  }

  @Override
  public void raiseMsi(long address, int data) {
    tryRaiseMsi(address, data);
  }

  @Override
  public boolean tryRaiseMsi(long address, int data) {
    if (accepted.containsKey(address)) {
      return false;
    }
    messages.add("%x=%x".formatted(address, data));
    memory.store32(address, data);
    return true;
  }

  @Override
  public Optional<Endpoint> endpoint(int sourceId) {
    return sourceId < 16 ? Optional.of(device) : Optional.empty();
  }

  @Override
  public long graceTicket() {
    return openBursts == 0 ? -1 : endedBursts;
  }

  @Override
  public boolean graceElapsed(long ticket) {
    return ticket < 0 || endedBursts > ticket;
  }

  /** A work place: at once while no burst is open, else when the rig is drained. */
  private final class Place implements WorkQueue {
    private final String name;
    private final Work work;
    private boolean pending;
    private boolean running;

    Place(String name, Work work) {
      this.name = name;
      this.work = work;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void kick() {
      if (openBursts == 0 && !running) {
        do {
          pending = false;
          running = true;
          Work.Progress progress = work.run();
          running = false;
          if (progress != Work.Progress.DONE) {
            throw new AssertionError(name + " waits for a grace although no burst is open");
          }
        } while (pending);
      } else if (!pending) {
        pending = true;
        if (!running) {
          ready.add(this);
        }
      }
    }

    @Override
    public boolean pending() {
      return pending;
    }
  }
}
