package org.ioasis.machine.fabric;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.MsiMessage;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.machine.memory.SparseMemory;

/**
 * The only implementation of the burst. Beginning is one release store and a full fence, ending one
 * release store; {@link BurstRegistry} proves that this is enough.
 *
 * <p>A device is hostile: its requests must carry the port's own source id, and its accesses must
 * lie in what the unit answered in this burst for the same kind of access ({@link Answers}).
 *
 * <p><b>Threading:</b> one thread at a time, except {@link #stateAcquire} and {@link #isOpenBy}.
 * {@code owner} is published by the release store to {@code state}.
 */
@SuppressWarnings({
  "EnumOrdinal", // a status is kept as an int, since a reference store costs a barrier
  "ReachabilityFenceUsage" // after an exception nothing is under way
})
final class PortBurst implements DmaBurst {
  /** State of a burst that is not open. */
  static final long CLOSED = 0;

  private static final VarHandle STATE;
  private static final UnitRoute NOBODY = new UnitRoute("", null, null);
  private static final MemoryStatus[] STATUSES = MemoryStatus.values();
  private static final int OK = MemoryStatus.OK.ordinal();
  private static final int ABSENT = MemoryStatus.ABSENT.ordinal();
  private static final int READ_WRITE = DmaRequest.READ | DmaRequest.WRITE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(PortBurst.class, "state", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final MachineFabric fabric;
  private final BurstRegistry registry;
  private final SparseMemory memory;
  private final Port port;
  private final int sourceId;
  private final Answers answers = new Answers();
  private final MsiMessage message = new MsiMessage();
  private MessageQueue messages = new MessageQueue();
  private MessageQueue spare = new MessageQueue();
  private int accesses;
  private int bytesMoved;
  private int last;
  private long owner;
  private UnitRoute answeredBy = NOBODY; // who gave the last answer; never null
  private long state; // CLOSED, or the epoch of the beginning

  PortBurst(MachineFabric fabric, Port port) {
    this.fabric = fabric;
    this.registry = fabric.registry();
    this.memory = fabric.memory();
    this.port = port;
    this.sourceId = port.spec.sourceId();
  }

  long stateAcquire() {
    return (long) STATE.getAcquire(this);
  }

  boolean isOpenBy(long thread) {
    return stateAcquire() != CLOSED && owner == thread;
  }

  boolean isOf(Port candidate) {
    return port == candidate;
  }

  String deviceName() {
    return port.spec.name();
  }

  @Override
  public void begin() {
    if (state != CLOSED) {
      throw refusal("begin", "it is open already; end it first");
    }
    owner = Thread.currentThread().getId();
    STATE.setRelease(this, registry.epoch());
    VarHandle.fullFence();
    if (!answers.isEmpty()) { // an access needs an answer, so without one nothing was counted
      answers.clear();
      accesses = 0;
      bytesMoved = 0;
      last = OK;
    }
  }

  @Override
  public long translate(DmaRequest request) {
    checkOpen("translate");
    UnitRoute route = port.route();
    if (route != answeredBy || !request.isOrdinary() || request.sourceId() != sourceId) {
      return translateOther(route, request);
    }
    // The common case: the unit that answered before, and nothing to be checked in its place.
    long answer;
    try {
      answer = route.unit.translate(request);
    } catch (Throwable thrown) {
      return fabric.unitFailed(route, port, request, thrown);
    }
    if (answer >= 0) {
      answers.add(answer, request.access());
    }
    Reference.reachabilityFence(this);
    return answer;
  }

  private long translateOther(UnitRoute route, DmaRequest request) {
    if (route == null) {
      port.countBlocked();
      request.refused(0);
      return Translation.none(Translation.Refusal.BLOCKED);
    }
    long answer = ask(route, request);
    if (answer >= 0) {
      if (request.addressType() != DmaRequest.AT_TRANSLATION_REQUEST) {
        answers.add(answer, request.isZeroLength() ? 0 : request.access());
      }
      answeredBy = route;
    }
    Reference.reachabilityFence(this);
    return answer;
  }

  private long ask(UnitRoute route, DmaRequest request) {
    if (request.sourceId() != sourceId) {
      return fabric.refuseForged(port, request);
    }
    try {
      if (request.addressType() == DmaRequest.AT_TRANSLATED
          && !route.unit.checksTranslatedRequests()) {
        return fabric.translated(port, request);
      }
      return route.unit.translate(request);
    } catch (Throwable thrown) {
      return fabric.unitFailed(route, port, request, thrown);
    }
  }

  @Override
  public long load(long translation, int bytes) {
    admit("load", translation, bytes, DmaRequest.READ);
    long ones = onesOf(bytes);
    if (Translation.isNotRam(translation)) {
      busError();
      return ones;
    }
    long address = Translation.address(translation);
    long value =
        switch (bytes) {
          case 8 -> memory.load64(address);
          case 4 -> memory.load32(address) & ones;
          case 2 -> memory.load16(address) & ones;
          default -> memory.load8(address) & ones;
        };
    settle(value == ones, address, bytes);
    return value;
  }

  @Override
  public MemoryStatus store(long translation, int bytes, long value) {
    admit("store", translation, bytes, DmaRequest.WRITE);
    onesOf(bytes);
    long address = Translation.address(translation);
    if (Translation.isNotRam(translation)) {
      return interrupt(address, bytes, (int) value);
    }
    boolean stored =
        switch (bytes) {
          case 8 -> memory.store64(address, value);
          case 4 -> memory.store32(address, (int) value);
          case 2 -> memory.store16(address, (short) value);
          default -> memory.store8(address, (byte) value);
        };
    if (!stored && fabric.isInterruptWindow(address)) {
      return interrupt(address, bytes, (int) value); // a unit that does not know the window
    }
    settle(!stored, address, bytes);
    return lastStatus();
  }

  @Override
  public MemoryStatus read(long translation, ByteBuffer into) {
    int bytes = into.remaining();
    admit("read", translation, bytes, DmaRequest.READ);
    if (Translation.isNotRam(translation)) {
      return busError();
    }
    return note(memory.read(Translation.address(translation), into));
  }

  @Override
  public MemoryStatus write(long translation, ByteBuffer from) {
    int bytes = from.remaining();
    admit("write", translation, bytes, DmaRequest.WRITE);
    long address = Translation.address(translation);
    if (Translation.isNotRam(translation)) {
      if (bytes != Integer.BYTES) {
        return busError();
      }
      int value = from.getInt(from.position());
      from.position(from.limit());
      boolean little = from.order() == ByteOrder.LITTLE_ENDIAN;
      return interrupt(address, bytes, little ? value : Integer.reverseBytes(value));
    }
    return note(memory.write(address, from));
  }

  @Override
  public long compareAndExchange(long translation, long expected, long value) {
    admit("compareAndExchange", translation, Long.BYTES, READ_WRITE);
    if (Translation.isNotRam(translation)) {
      busError();
      return -1;
    }
    long address = Translation.address(translation);
    long found = memory.compareAndExchange64(address, expected, value);
    settle(found == -1, address, Long.BYTES);
    return found;
  }

  @Override
  public long fetchAndAdd(long translation, long addend) {
    admit("fetchAndAdd", translation, Long.BYTES, READ_WRITE);
    if (Translation.isNotRam(translation)) {
      busError();
      return -1;
    }
    long address = Translation.address(translation);
    long found = memory.getAndAdd64(address, addend);
    settle(found == -1, address, Long.BYTES);
    return found;
  }

  @Override
  public long swap(long translation, long value) {
    admit("swap", translation, Long.BYTES, READ_WRITE);
    if (Translation.isNotRam(translation)) {
      busError();
      return -1;
    }
    long address = Translation.address(translation);
    long found = memory.getAndSet64(address, value);
    settle(found == -1, address, Long.BYTES);
    return found;
  }

  @Override
  public MemoryStatus lastStatus() {
    return STATUSES[last];
  }

  @Override
  public void end() {
    checkOpen("end");
    STATE.setRelease(this, CLOSED);
    if (!messages.isEmpty()) {
      deliver();
    }
  }

  /** The receivers may begin this burst again, so the queue they come from is put aside first. */
  private void deliver() {
    MessageQueue full = messages;
    messages = spare == null ? new MessageQueue() : spare;
    spare = null;
    try {
      full.deliverTo(fabric);
    } finally {
      spare = full;
    }
  }

  /** Keeps an interrupt of a unit for the end; the calling thread has this burst open. */
  void defer(long address, int data) {
    messages.add(address, data);
  }

  /**
   * An interrupt write of the device: remapped inside the burst, delivered after it. It goes to the
   * unit that answered, also if the port was closed meanwhile: whoever closed it waits for this
   * burst, and a message that the device takes for sent must not vanish.
   */
  private MemoryStatus interrupt(long address, int bytes, int data) {
    if (bytes != Integer.BYTES || !fabric.isInterruptWindow(address)) {
      return busError();
    }
    last = OK;
    message.set(sourceId, address, data);
    if (fabric.remap(answeredBy, message)) {
      messages.add(message.address(), message.data());
    }
    Reference.reachabilityFence(this);
    return MemoryStatus.OK;
  }

  private void checkOpen(String what) {
    if (state == CLOSED) {
      throw refusal(what, "it is not open; begin it first");
    }
  }

  private IllegalStateException refusal(String what, String why) {
    return new IllegalStateException(
        "%s refused in a burst of %s: %s".formatted(what, deviceName(), why));
  }

  private void admit(String what, long translation, int bytes, int access) {
    checkOpen(what);
    if (accesses == MAX_ACCESSES || bytesMoved + bytes > MAX_BYTES) {
      throw refusal(
          what,
          "it has made %d accesses of %d bytes, %d more leave the limits of %d and %d; end it"
              .formatted(accesses, bytesMoved, bytes, MAX_ACCESSES, MAX_BYTES));
    }
    if (!answers.allow(translation, bytes, access)) {
      throw new IllegalArgumentException(
          "%s of %s refused: %d bytes at %s were not answered in this burst for this access; last "
                  .formatted(what, deviceName(), bytes, Translation.toString(translation))
              + "answer "
              + answers);
    }
    accesses++;
    bytesMoved += bytes;
  }

  private static long onesOf(int bytes) {
    return switch (bytes) {
      case 8 -> -1L;
      case 4 -> 0xFFFF_FFFFL;
      case 2 -> 0xFFFFL;
      case 1 -> 0xFFL;
      default ->
          throw new IllegalArgumentException(
              "access of %d bytes refused: it is not 1, 2, 4 or 8".formatted(bytes));
    };
  }

  /** Ends an access: what it met, asked only if its result looks like a failure. */
  private void settle(boolean suspicious, long address, int bytes) {
    last = OK;
    if (suspicious) {
      note(memory.status(address, bytes));
    }
    Reference.reachabilityFence(this);
  }

  private MemoryStatus note(MemoryStatus status) {
    last = status.ordinal();
    if (status != MemoryStatus.OK) {
      fabric.countBusError();
    }
    Reference.reachabilityFence(this);
    return status;
  }

  private MemoryStatus busError() {
    last = ABSENT;
    fabric.countBusError();
    return MemoryStatus.ABSENT;
  }
}
