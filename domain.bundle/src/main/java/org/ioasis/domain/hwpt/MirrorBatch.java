package org.ioasis.domain.hwpt;

import java.nio.LongBuffer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.domain.unit.HostedBatch;

/**
 * A batch of changes that a space makes to a mirror: the driver's batch while there is a driver;
 * otherwise it notes that the mirror falls behind. From its first change to its sync the driver is
 * not exchanged.
 *
 * <p><b>Threading:</b> one thread from the first change to the sync.
 */
final class MirrorBatch implements DomainBatch {
  private final Mirror mirror;
  private final HostedBatch batch;
  private boolean begun;
  private boolean missed;
  private Reason shortfall;

  MirrorBatch(Mirror mirror, HostedBatch batch) {
    this.mirror = mirror;
    this.batch = batch;
  }

  /** Whether the change can be handed to a driver. */
  private boolean isLive() {
    shortfall = null;
    if (missed) {
      return false;
    }
    if (!begun) {
      try {
        batch.begin();
        begun = true;
      } catch (IoasisException e) {
        missed(e);
        return false;
      }
    }
    return true;
  }

  /** A refusal goes to the caller; the end of the driver does not. */
  private void missed(IoasisException e) {
    if (e.reason() != Reason.GONE && batch.domain().host().isServing()) {
      throw e;
    }
    missed = true;
  }

  @Override
  public long map(long iova, long address, long length, int rights) {
    if (isLive()) {
      try {
        long mapped = batch.map(iova, address, length, rights);
        shortfall = mapped < length ? batch.shortfall() : null;
        return mapped;
      } catch (IoasisException e) {
        missed(e);
      }
    }
    return length;
  }

  @Override
  public long mapPages(long iova, int pageLg2, LongBuffer addresses, int rights) {
    int pages = addresses.remaining();
    if (isLive()) {
      try {
        long mapped = batch.mapPages(iova, pageLg2, addresses, rights);
        shortfall = addresses.hasRemaining() ? batch.shortfall() : null;
        return mapped;
      } catch (IoasisException e) {
        missed(e);
      }
    }
    addresses.position(addresses.limit());
    return (long) pages << pageLg2;
  }

  @Override
  public long unmap(IovaRange range) {
    if (isLive()) {
      try {
        return batch.unmap(range);
      } catch (IoasisException e) {
        missed(e);
      }
    }
    return range.length();
  }

  @Override
  public long protect(IovaRange range, int rights) {
    if (isLive()) {
      try {
        return batch.protect(range, rights);
      } catch (IoasisException e) {
        missed(e);
      }
    }
    return range.length();
  }

  @Override
  public Reason shortfall() {
    return shortfall;
  }

  @Override
  public SyncResult sync() {
    SyncResult result = SyncResult.COMPLETE;
    try {
      if (begun) {
        result = batch.sync();
      }
    } catch (IoasisException e) {
      missed(e);
    } finally {
      settle();
    }
    return result;
  }

  private void settle() {
    if (begun) {
      begun = false;
      batch.end();
    }
    if (missed) {
      missed = false;
      mirror.fallBehind();
    }
    mirror.giveBack(this);
  }
}
