package org.ioasis.domain.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainLimits;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.domain.memory.Source;

/**
 * A follower that keeps a sorted map of pages and checks the contract of batches: nothing outside
 * its windows, nothing misaligned, no right it has not, one sync per batch.
 */
final class PageTable implements Follower {
  static final DomainLimits WIDE =
      new DomainLimits(
          List.of(new IovaRange(0, (1L << 48) - 1)), 1L << 12 | 1L << 21 | 1L << 30, 48, 7);

  /** One page. */
  record Page(long address, int rights) {}

  final String name;
  final DomainLimits limits;
  final boolean faultCapable;
  final NavigableMap<Long, Page> pages = Collections.synchronizedNavigableMap(new TreeMap<>());
  final List<RuntimeException> failures = new ArrayList<>();
  final AtomicInteger openBatches = new AtomicInteger();
  final AtomicInteger removals = new AtomicInteger();
  final AtomicLong budget = new AtomicLong(Long.MAX_VALUE);
  volatile Runnable beforeMap = () -> {};
  volatile Runnable beforeSync = () -> {};

  PageTable(String name, DomainLimits limits, boolean faultCapable) {
    this.name = name;
    this.limits = limits;
    this.faultCapable = faultCapable;
  }

  static PageTable wide(String name) {
    return new PageTable(name, WIDE, false);
  }

  static PageTable faulting(String name) {
    return new PageTable(name, WIDE, true);
  }

  private long granule() {
    return 1L << limits.granuleLg2();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<Handle<Domain>> domain() {
    return Optional.empty();
  }

  @Override
  public DomainLimits limits() {
    return limits;
  }

  @Override
  public boolean faultCapable() {
    return faultCapable;
  }

  @Override
  public void failed(RuntimeException cause) {
    failures.add(cause);
  }

  /** The page of an address, or null. */
  Page page(long iova) {
    return pages.get(iova & -granule());
  }

  /** That it holds exactly what a space maps of memory that is present. */
  void assertMirrors(Space space) {
    TreeMap<Long, Page> expected = new TreeMap<>();
    space.mappings(
        IovaRange.ALL,
        mapping -> {
          Source source = space.sources().find(mapping.source());
          source.runs(
              mapping.offset(),
              mapping.range().length(),
              (offset, address, length, writable) -> {
                long iova = mapping.range().first() + (offset - mapping.offset());
                int rights = writable ? mapping.rights() : mapping.rights() & ~2;
                for (long at = 0; at < length && rights != 0; at += granule()) {
                  expected.put(iova + at, new Page(address + at, rights));
                }
                return true;
              });
          return true;
        });
    assertThat(failures).isEmpty();
    assertThat(openBatches).hasValue(0);
    assertThat(pages).isEqualTo(expected);
  }

  @Override
  public DomainBatch batch() {
    openBatches.incrementAndGet();
    return new Batch();
  }

  private final class Batch implements DomainBatch {
    private Reason shortfall;
    private boolean ended;

    @Override
    public long map(long iova, long address, long length, int rights) {
      beforeMap.run();
      assertThat(ended).as("a batch after its sync").isFalse();
      check(iova, length);
      assertThat(address & granule() - 1).isZero();
      assertThat(Bounds.expresses(limits.rights(), rights)).isTrue();
      shortfall = null;
      for (long done = 0; done < length; done += granule()) {
        if (pages.containsKey(iova + done)) {
          shortfall = Reason.EXISTS;
          return done;
        }
        if (budget.getAndDecrement() <= 0) {
          shortfall = Reason.EXHAUSTED;
          return done;
        }
        pages.put(iova + done, new Page(address + done, rights));
      }
      return length;
    }

    private void check(long iova, long length) {
      assertThat((iova | length) & granule() - 1).isZero();
      assertThat(limits.windows()).anyMatch(window -> window.contains(IovaRange.of(iova, length)));
    }

    @Override
    public long mapPages(long iova, int pageLg2, LongBuffer addresses, int rights) {
      long done = 0;
      while (addresses.hasRemaining()) {
        long mapped = map(iova + done, addresses.get(addresses.position()), 1L << pageLg2, rights);
        done += mapped;
        if (mapped == 0) {
          return done;
        }
        addresses.get();
      }
      return done;
    }

    @Override
    public long unmap(IovaRange range) {
      assertThat(ended).isFalse();
      check(range.first(), range.length());
      removals.incrementAndGet();
      NavigableMap<Long, Page> part = pages.subMap(range.first(), true, range.last(), true);
      long bytes = part.size() * granule();
      part.clear();
      return bytes;
    }

    @Override
    public long protect(IovaRange range, int rights) {
      assertThat(ended).isFalse();
      check(range.first(), range.length());
      NavigableMap<Long, Page> part = pages.subMap(range.first(), true, range.last(), true);
      part.replaceAll((at, page) -> new Page(page.address, rights));
      return part.size() * granule();
    }

    @Override
    public Reason shortfall() {
      return shortfall;
    }

    @Override
    public SyncResult sync() {
      beforeSync.run();
      assertThat(ended).as("one sync per batch").isFalse();
      ended = true;
      openBatches.decrementAndGet();
      return SyncResult.COMPLETE;
    }
  }
}
