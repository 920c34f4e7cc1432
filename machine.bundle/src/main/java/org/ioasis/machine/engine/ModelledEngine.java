package org.ioasis.machine.engine;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.DmaLoad;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.engine.LoadSpec;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.machine.TimeSource;

/**
 * The engine on the fabric: what its channels share, and the reverse direction.
 *
 * <p><b>Threading:</b> any thread. {@code enabled} is written by software's configuration accesses
 * and read by channels; the parts guard themselves.
 */
final class ModelledEngine implements DmaEngine {
  /** Bits of {@link #enabled()}. */
  static final int ATS = 1, PRI = 2, PASID = 4;

  private final EngineSpec spec;
  private final DmaPort port;
  private final TimeSource time;
  private final DeviceTlb tlb;
  private final PageAsker pages;
  private final StallList stalls;
  private final Map<TransferStatus, LongAdder> outcomes = new EnumMap<>(TransferStatus.class);
  private final LongAdder bytes = new LongAdder();
  private final LongAdder resent = new LongAdder();
  private volatile int enabled;

  ModelledEngine(Machine machine, EngineSpec spec) {
    this.spec = spec;
    this.time = machine.time();
    this.tlb = new DeviceTlb(spec.tlbEntries());
    this.stalls = new StallList(time, spec.answerWaitNanos());
    for (TransferStatus status : TransferStatus.values()) {
      outcomes.put(status, new LongAdder());
    }
    Reverse reverse = new Reverse();
    this.port = machine.fabric().join(spec.endpoint(), reverse);
    this.pages = new PageAsker(port, time, spec.answerWaitNanos());
    reverse.engine = this;
  }

  /** What the fabric tells the engine; deaf until the engine is whole. */
  private static final class Reverse implements Endpoint {
    private volatile ModelledEngine engine;

    @Override
    public void invalidateAtc(AtcInvalidation invalidation, Runnable completed) {
      ModelledEngine to = engine;
      if (to == null || to.tlb.invalidate(invalidation, completed)) {
        completed.run();
      }
    }

    @Override
    public void pageResponse(PageResponse response) {
      ModelledEngine to = engine;
      if (to != null) {
        to.pages.answered(response);
      }
    }

    @Override
    public void stallEnded(long stallTag, StallEnd end) {
      ModelledEngine to = engine;
      if (to != null) {
        to.stalls.ended(stallTag, end);
      }
    }

    @Override
    public void enable(boolean ats, boolean pageRequests, boolean pasid) {
      ModelledEngine to = engine;
      if (to != null) {
        to.switchTo((ats ? ATS : 0) | (pageRequests ? PRI : 0) | (pasid ? PASID : 0));
      }
    }

    @Override
    public void reset() {
      ModelledEngine to = engine;
      if (to != null) {
        to.switchTo(0);
        to.pages.forget();
        to.stalls.forget();
      }
    }
  }

  private void switchTo(int bits) {
    if ((bits & ATS) == 0) {
      tlb.clear();
    }
    pages.enable((bits & PRI) != 0);
    enabled = bits;
  }

  @Override
  public EngineSpec spec() {
    return spec;
  }

  @Override
  public DmaChannel channel() {
    return new Channel(this);
  }

  @Override
  public DmaLoad load(LoadSpec load) {
    return new VerifiedLoad(this, load);
  }

  @Override
  public int enabled() {
    return enabled;
  }

  @Override
  public boolean stopPasid(int pasid) {
    return pages.stop(pasid);
  }

  DmaPort port() {
    return port;
  }

  TimeSource time() {
    return time;
  }

  DeviceTlb tlb() {
    return tlb;
  }

  PageAsker pages() {
    return pages;
  }

  StallList stalls() {
    return stalls;
  }

  /** Notes how an access ended. */
  TransferStatus ended(TransferStatus status, long moved) {
    outcomes.get(status).increment();
    bytes.add(moved);
    return status;
  }

  /** Notes that an access was sent again. */
  void resent() {
    resent.increment();
  }

  @Override
  public Map<String, Long> counters() {
    Map<String, Long> counters = new TreeMap<>();
    outcomes.forEach(
        (status, count) ->
            counters.put("access." + status.name().toLowerCase(Locale.ROOT), count.sum()));
    counters.put("access.bytes", bytes.sum());
    counters.put("access.resent", resent.sum());
    long[] counts = tlb.counts();
    List<String> names = List.of("tlb.hits", "tlb.misses", "tlb.invalidations");
    for (int i = 0; i < counts.length; i++) {
      counters.put(names.get(i), counts[i]);
    }
    pages.count(counters);
    stalls.count(counters);
    return counters;
  }

  @Override
  public void close() {
    port.close();
  }
}
