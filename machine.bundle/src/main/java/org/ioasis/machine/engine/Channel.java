package org.ioasis.machine.engine;

import java.nio.ByteBuffer;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.MemoryStatus;

/**
 * One stream of accesses. Each piece below a 4 KiB boundary is a burst: translate, access, end; a
 * refusal that can pass is waited for outside the burst, and the piece is sent again, at most
 * {@code retries} times.
 *
 * <p>With ATS enabled a piece asks the device TLB first, then the unit by a translation request,
 * and accesses memory by a translated request.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class Channel implements DmaChannel {
  private static final int PAGE = 4096;
  private static final int INTERRUPT_BYTES = 4;
  private static final int RIGHTS = DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE;

  /** What is done with a translation. */
  private enum Kind {
    READ(DmaRequest.READ),
    WRITE(DmaRequest.WRITE),
    ADD(DmaRequest.READ | DmaRequest.WRITE),
    EXCHANGE(DmaRequest.READ | DmaRequest.WRITE),
    INTERRUPT(DmaRequest.WRITE);

    final int access;

    Kind(int access) {
      this.access = access;
    }
  }

  private final ModelledEngine engine;
  private final DmaPort port;
  private final DmaBurst burst;
  private final DmaRequest request = new DmaRequest();
  private final int retries;

  private boolean privileged;
  private Kind kind;
  private ByteBuffer piece;
  private long operand;
  private long expected;
  private long found;
  private int faultCode;

  Channel(ModelledEngine engine) {
    this.engine = engine;
    this.port = engine.port();
    this.burst = port.burst();
    this.retries = engine.spec().retries();
  }

  @Override
  public TransferStatus read(int pasid, long iova, ByteBuffer into) {
    return transfer(Kind.READ, pasid, iova, into);
  }

  @Override
  public TransferStatus write(int pasid, long iova, ByteBuffer from) {
    return transfer(Kind.WRITE, pasid, iova, from);
  }

  private TransferStatus transfer(Kind what, int pasid, long iova, ByteBuffer buffer) {
    kind = what;
    piece = buffer;
    int limit = buffer.limit();
    int start = buffer.position();
    TransferStatus status = TransferStatus.OK;
    while (status == TransferStatus.OK && buffer.position() < limit) {
      long at = iova + (buffer.position() - start);
      int bytes = (int) Math.min(limit - buffer.position(), PAGE - (at & PAGE - 1));
      buffer.limit(buffer.position() + bytes);
      status = send(pasid, at, bytes);
      buffer.limit(limit);
    }
    return engine.ended(status, buffer.position() - start);
  }

  @Override
  public TransferStatus fetchAndAdd(int pasid, long iova, long addend) {
    kind = Kind.ADD;
    operand = addend;
    return word(pasid, iova);
  }

  @Override
  public TransferStatus compareAndExchange(int pasid, long iova, long expectedValue, long value) {
    kind = Kind.EXCHANGE;
    expected = expectedValue;
    operand = value;
    return word(pasid, iova);
  }

  private TransferStatus word(int pasid, long iova) {
    if ((iova & Long.BYTES - 1) != 0) {
      throw new IllegalArgumentException(
          "atomic access refused: 0x%x is no multiple of 8".formatted(iova));
    }
    TransferStatus status = send(pasid, iova, Long.BYTES);
    return engine.ended(status, status == TransferStatus.OK ? Long.BYTES : 0);
  }

  @Override
  public TransferStatus interrupt(long address, int data) {
    kind = Kind.INTERRUPT;
    operand = data;
    return engine.ended(send(DmaRequest.NO_PASID, address, INTERRUPT_BYTES), 0);
  }

  @Override
  public TransferStatus requestPages(int pasid, long iova, int pages, int access) {
    return switch (engine.pages().ask(pasid, iova, pages, access, privileged)) {
      case GRANTED -> TransferStatus.OK;
      case REFUSED -> TransferStatus.FAULT;
      case TIMED_OUT -> TransferStatus.TIMED_OUT;
    };
  }

  /** Sends one piece until it ends. */
  private TransferStatus send(int pasid, long iova, int bytes) {
    for (int tries = 0; tries < retries; tries++) {
      if (tries > 0) {
        engine.resent();
      }
      TransferStatus status = attempt(pasid, iova, bytes);
      if (status != null) {
        return status;
      }
    }
    return TransferStatus.GAVE_UP;
  }

  /** One burst and what has to be waited for after it; null to send the piece again. */
  private TransferStatus attempt(int pasid, long iova, int bytes) {
    int position = piece == null ? 0 : piece.position();
    long answer;
    MemoryStatus met = MemoryStatus.OK;
    long ends;
    long entered = engine.tlb().enter();
    try {
      burst.begin();
      try {
        ends = engine.stalls().ends(); // from here on the unit cannot be exchanged
        answer = translate(pasid, iova, bytes, entered);
        if (Translation.isPresent(answer)) {
          met = access(answer);
        }
      } finally {
        burst.end();
      }
    } finally {
      engine.tlb().leave(entered).forEach(Runnable::run);
    }
    if (Translation.isPresent(answer)) {
      faultCode = 0;
      return met == MemoryStatus.OK ? TransferStatus.OK : busError(position);
    }
    faultCode = request.faultCode();
    return refused(Translation.refusal(answer), pasid, iova, ends);
  }

  private TransferStatus busError(int position) {
    if (kind == Kind.READ || kind == Kind.WRITE) {
      piece.position(position);
    }
    return TransferStatus.BUS_ERROR;
  }

  private long translate(int pasid, long iova, int bytes, long entered) {
    if ((engine.enabled() & ModelledEngine.ATS) == 0 || kind == Kind.INTERRUPT) {
      return burst.translate(ask(pasid, iova, bytes, DmaRequest.AT_UNTRANSLATED));
    }
    long held = engine.tlb().lookup(pasid, iova, kind.access);
    if (!Translation.isPresent(held)) {
      held = burst.translate(ask(pasid, iova, bytes, DmaRequest.AT_TRANSLATION_REQUEST));
      if (!Translation.isPresent(held)) {
        return held;
      }
      int rights = request.rights();
      if ((rights & kind.access) != kind.access) {
        return Translation.none(Translation.Refusal.FAULT);
      }
      if ((rights & DmaRequest.UNTRANSLATED_ONLY) != 0) {
        return burst.translate(ask(pasid, iova, bytes, DmaRequest.AT_UNTRANSLATED));
      }
      // Asked without need to write, the unit has not marked the page as written.
      int kept = request.isNoWrite() ? RIGHTS & ~DmaRequest.WRITE : RIGHTS;
      engine.tlb().fill(entered, pasid, iova, held, rights & kept);
    }
    return burst.translate(ask(pasid, Translation.address(held), bytes, DmaRequest.AT_TRANSLATED));
  }

  private DmaRequest ask(int pasid, long address, int bytes, int addressType) {
    return request
        .set(port.sourceId(), pasid, address, bytes, kind.access)
        .addressType(addressType)
        .privileged(privileged)
        .noWrite(
            addressType == DmaRequest.AT_TRANSLATION_REQUEST
                && (kind.access & DmaRequest.WRITE) == 0)
        .atomic(kind == Kind.ADD || kind == Kind.EXCHANGE);
  }

  private MemoryStatus access(long answer) {
    return switch (kind) {
      case READ -> burst.read(answer, piece);
      case WRITE -> burst.write(answer, piece);
      case ADD -> {
        found = burst.fetchAndAdd(answer, operand);
        yield burst.lastStatus();
      }
      case EXCHANGE -> {
        found = burst.compareAndExchange(answer, expected, operand);
        yield burst.lastStatus();
      }
      case INTERRUPT -> burst.store(answer, INTERRUPT_BYTES, operand);
    };
  }

  /** Waits for what can pass. Null to send the piece again. */
  private TransferStatus refused(Translation.Refusal refusal, int pasid, long iova, long ends) {
    return switch (refusal) {
      case FAULT -> askForPage(pasid, iova);
      case STALLED -> stalled(request.stallTag(), ends);
      case BLOCKED ->
          engine.time().await(port::isOpen, engine.spec().blockedWaitNanos())
              ? null
              : TransferStatus.BLOCKED;
      case RETRY_MOVED -> null;
      case UNSUPPORTED -> TransferStatus.UNSUPPORTED;
      case ABORTED -> TransferStatus.ABORTED;
      case QUIET -> TransferStatus.QUIET;
    };
  }

  private TransferStatus askForPage(int pasid, long iova) {
    int both = ModelledEngine.ATS | ModelledEngine.PRI;
    if ((engine.enabled() & both) != both || kind == Kind.INTERRUPT) {
      return TransferStatus.FAULT;
    }
    TransferStatus status = requestPages(pasid, iova, 1, kind.access);
    return status == TransferStatus.OK ? null : status;
  }

  private TransferStatus stalled(long tag, long ends) {
    StallEnd end = engine.stalls().await(tag, ends);
    if (end == null) {
      return TransferStatus.TIMED_OUT;
    }
    return switch (end) {
      case RETRY, MOVED -> null;
      case ABORT -> TransferStatus.FAULT;
      case QUIET -> TransferStatus.QUIET;
    };
  }

  @Override
  public DmaChannel privileged(boolean value) {
    privileged = value;
    return this;
  }

  @Override
  public long found() {
    return found;
  }

  @Override
  public int faultCode() {
    return faultCode;
  }
}
