package org.ioasis.domain.unit;

import java.nio.LongBuffer;
import java.util.function.ToLongFunction;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.SyncResult;

/**
 * A reusable batch of changes to a hosted domain. Between {@link #begin} and {@link #end} the
 * driver is not exchanged, so that what was gathered is synchronised by the driver that gathered
 * it.
 *
 * <p><b>Threading:</b> one thread at a time; begin and end in the same thread.
 */
public final class HostedBatch {
  private final HostedDomain domain;
  private DriverDomain madeOf;
  private DomainBatch batch;

  HostedBatch(HostedDomain domain) {
    this.domain = domain;
  }

  /** The table it changes. */
  public HostedDomain domain() {
    return domain;
  }

  /**
   * Begins.
   *
   * @throws org.ioasis.api.IoasisException GONE unless a driver serves the unit and the table
   */
  public void begin() {
    domain.host().enter("change");
    boolean begun = false;
    try {
      domain.checkEpoch("change");
      DriverDomain target = domain.target();
      if (madeOf != target) {
        batch = target.batch();
        madeOf = target;
      }
      begun = true;
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw domain.host().contain("change", e);
    } finally {
      if (!begun) {
        domain.host().leave();
      }
    }
  }

  /** Ends; what was changed since the last {@link #sync} is not synchronised. */
  public void end() {
    domain.host().leave();
  }

  private long count(String what, ToLongFunction<DomainBatch> body) {
    try {
      return body.applyAsLong(batch);
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw domain.host().contain(what, e);
    }
  }

  /** See {@link DomainBatch#map}. */
  public long map(long iova, long address, long length, int rights) {
    return count("map", b -> b.map(iova, address, length, rights));
  }

  /** See {@link DomainBatch#mapPages}. */
  public long mapPages(long iova, int pageLg2, LongBuffer addresses, int rights) {
    return count("map", b -> b.mapPages(iova, pageLg2, addresses, rights));
  }

  /** See {@link DomainBatch#unmap}. */
  public long unmap(IovaRange range) {
    return count("unmap", b -> b.unmap(range));
  }

  /** See {@link DomainBatch#protect}. */
  public long protect(IovaRange range, int rights) {
    return count("protect", b -> b.protect(range, rights));
  }

  /** See {@link DomainBatch#shortfall}. */
  public Reason shortfall() {
    return batch.shortfall();
  }

  /** See {@link DomainBatch#sync}. */
  public SyncResult sync() {
    try {
      return batch.sync();
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw domain.host().contain("sync", e);
    }
  }
}
