package org.ioasis.vtd.hardware;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.Work;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.registers.RegisterFile;
import org.ioasis.vtd.format.PageRequestDescriptor;
import org.ioasis.vtd.format.PageRequestRegisters;
import org.ioasis.vtd.format.RegisterMap;

/**
 * The page request queue. VT-d, "Page Request Queue".
 *
 * <ol>
 *   <li>TES=0: unsupported request.
 *   <li>The entries that lead to the PASID do not allow it: a fault of type page request; a group
 *       that ends with it is answered with a response failure.
 *   <li>PRS.PRO=1, or the tail's successor is the head: PRO is set and the message dropped; a group
 *       that ends with it is answered with success, so that the device asks again.
 *   <li>The descriptor is stored at PQA + PQT, PQT moves on, PPR is set.
 * </ol>
 *
 * <p>The event is raised if neither PPR nor PRO stood before. Stop markers are queued like any
 * other and never answered. A queue outside memory counts as full.
 *
 * <p><b>Threading:</b> messages from any thread; the queue's place and registers change under the
 * unit's lock. Answers of its own go out in turns of {@code page-request}, without the lock.
 */
final class PageRequests implements Work {
  private final UnitCore core;
  private final RegisterFile<VtdUnit> registers;
  private final PhysicalMemory memory;
  private final Translator translator;
  private final FaultRecorder recorder;

  /** Answers that are due; guarded by the unit's lock. */
  private final Deque<PageResponse> due = new ArrayDeque<>();

  /** Whether an answer is on its way; guarded by the unit's lock. */
  private boolean sending;

  private final AtomicLong queued = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong unanswered = new AtomicLong();

  PageRequests(UnitCore core, Translator translator, FaultRecorder recorder) {
    this.core = core;
    this.registers = core.registers;
    this.memory = core.environment.memory();
    this.translator = translator;
    this.recorder = recorder;
  }

  /**
   * Takes a message.
   *
   * @return false for an unsupported request
   */
  boolean accept(PageRequest message) {
    Latched now = core.latched;
    if (!core.capabilities.pageRequests() || !now.translationEnabled()) {
      refused.incrementAndGet();
      return false;
    }
    DmaRequest request =
        new DmaRequest()
            .set(message.sourceId(), message.pasid(), message.address(), 1, message.access())
            .privileged(message.privileged());
    long answer = translator.pageRequest(request, now);
    if (Translation.isPresent(answer)) {
      enqueue(message);
      return true;
    }
    refused.incrementAndGet();
    if (request.faultCode() == 0) {
      return false; // abort-DMA mode
    }
    if (Translation.refusal(answer) == Translation.Refusal.FAULT) {
      recorder.pageRequest(request);
    }
    respond(message, PageResponse.Code.RESPONSE_FAILURE);
    return true;
  }

  private static boolean isStopMarker(PageRequest message) {
    int asked = message.access() & (DmaRequest.READ | DmaRequest.WRITE);
    return asked == 0 && message.last() && message.pasid() != DmaRequest.NO_PASID;
  }

  private void enqueue(PageRequest message) {
    boolean stored;
    core.enter();
    try {
      stored = !isOverflowed() && store(message);
      if (stored) {
        queued.incrementAndGet();
        core.pageRequestEvent.raise(PageRequestRegisters.PPR.mask());
      } else {
        dropped.incrementAndGet();
        core.pageRequestEvent.raise(PageRequestRegisters.PRO.mask());
      }
    } finally {
      core.leave();
    }
    if (!stored) {
      respond(message, PageResponse.Code.SUCCESS);
    }
  }

  private boolean isOverflowed() {
    return PageRequestRegisters.PRO.isSet(registers.peek(RegisterMap.PRS));
  }

  /** Stores the descriptor at the tail; false if the queue is full or not there. */
  private boolean store(PageRequest message) {
    long pqa = registers.peek(RegisterMap.PQA);
    long size = PageRequestRegisters.queueBytes(pqa);
    long tail = registers.peek(RegisterMap.PQT) & (size - 1);
    long next = (tail + PageRequestDescriptor.BYTES) & (size - 1);
    if (next == (registers.peek(RegisterMap.PQH) & (size - 1))) {
      return false;
    }
    long at = PageRequestRegisters.PQA.inPlace(pqa) + tail;
    boolean stored =
        memory.store64(at + 16, 0)
            && memory.store64(at + 24, 0)
            && memory.store64(at + 8, upper(message))
            && memory.store64(at, lower(message));
    if (stored) {
      registers.poke(RegisterMap.PQT, next);
    }
    return stored;
  }

  private static long lower(PageRequest message) {
    long word =
        PageRequestDescriptor.TYPE.of(PageRequestDescriptor.CODE)
            | PageRequestDescriptor.RID.of(message.sourceId() & 0xFFFF);
    if (message.pasid() != DmaRequest.NO_PASID) {
      word |=
          PageRequestDescriptor.PP.mask()
              | PageRequestDescriptor.PASID.of(message.pasid())
              | ((message.access() & DmaRequest.EXECUTE) != 0
                  ? PageRequestDescriptor.EXE.mask()
                  : 0)
              | (message.privileged() ? PageRequestDescriptor.PRIV.mask() : 0);
    }
    return word;
  }

  private static long upper(PageRequest message) {
    return ((message.access() & DmaRequest.READ) != 0 ? PageRequestDescriptor.RD.mask() : 0)
        | ((message.access() & DmaRequest.WRITE) != 0 ? PageRequestDescriptor.WR.mask() : 0)
        | (message.last() ? PageRequestDescriptor.LPIG.mask() : 0)
        | PageRequestDescriptor.PRGI.of(message.group() & PageRequestDescriptor.PRGI.max())
        | PageRequestDescriptor.ADDR.inPlace(message.address());
  }

  /** Answers a group that nobody else will answer. */
  private void respond(PageRequest message, PageResponse.Code code) {
    if (!message.last() || isStopMarker(message)) {
      return;
    }
    core.enter();
    try {
      due.add(new PageResponse(message.sourceId(), message.pasid(), message.group(), code));
      core.later(UnitCore.RUN_PAGES);
    } finally {
      core.leave();
    }
  }

  /** Sends the answers that are due. */
  @Override
  public Progress run() {
    for (PageResponse response = next(false); response != null; response = next(true)) {
      send(response);
    }
    return Progress.DONE;
  }

  /** The next answer; when the last one has been sent, a drain may go on. */
  private PageResponse next(boolean sent) {
    core.enter();
    try {
      PageResponse response = due.poll();
      sending = response != null;
      if (sent && !sending) {
        core.later(UnitCore.RUN_QUEUE);
      }
      return response;
    } finally {
      core.leave();
    }
  }

  /** Carries a response to its device; without the lock. */
  void send(PageResponse response) {
    var endpoint = core.environment.endpoint(response.sourceId());
    if (endpoint.isPresent()) {
      answered.incrementAndGet();
      endpoint.get().pageResponse(response);
    } else {
      unanswered.incrementAndGet();
    }
  }

  /** Whether every answer of the unit's own has been sent. Under the lock. */
  boolean isDrained() {
    return due.isEmpty() && !sending;
  }

  /** Software wrote PRS. Under the lock. */
  void statusWritten() {
    core.pageRequestEvent.statusServiced();
  }

  /** After a reset or an import. Under the lock. */
  void restore() {
    due.clear();
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("pages.requested", queued.get());
    counters.put("pages.dropped", dropped.get());
    counters.put("pages.refused", refused.get());
    counters.put("pages.answered", answered.get());
    counters.put("pages.unanswered", unanswered.get());
  }
}
