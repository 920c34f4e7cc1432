package org.ioasis.domain.unit;

import java.util.Optional;
import java.util.function.Function;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DirtySink;
import org.ioasis.api.driver.DomainLimits;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.SyncResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A hardware page table as the rest of the bundle holds it: the driver behind it may be exchanged.
 *
 * <p><b>Threading:</b> any thread, outside bursts; {@code target} is written while nobody is inside
 * the host.
 */
public final class HostedDomain {
  private static final Logger LOG = LoggerFactory.getLogger(HostedDomain.class);

  private final UnitHost host;
  private final long epoch;
  private final long key;
  private final DomainSpec spec;
  private volatile DriverDomain target;
  private volatile DomainLimits limits;
  private volatile boolean ending;

  HostedDomain(UnitHost host, long epoch, DriverDomain target) {
    this.host = host;
    this.epoch = epoch;
    this.target = target;
    this.key = target.key();
    this.spec = target.spec();
  }

  /** The unit. */
  public UnitHost host() {
    return host;
  }

  /** See {@link DriverDomain#key}. */
  public long key() {
    return key;
  }

  /** What it was made of. */
  public DomainSpec spec() {
    return spec;
  }

  /** Whether the unit still has this table. */
  public boolean isAlive() {
    return epoch == host.epoch() && host.isTranslating();
  }

  void succeed(DriverDomain successor) {
    target = successor;
  }

  DriverDomain target() {
    return target;
  }

  void checkEpoch(String what) {
    if (epoch != host.epoch()) {
      throw new IoasisException(
          Reason.GONE,
          "%s refused: domain 0x%x went with an earlier driver of unit %s"
              .formatted(what, key, host.unitId()));
    }
  }

  private <T> T call(String what, Function<DriverDomain, T> body) {
    return host.call(
        what,
        driver -> {
          checkEpoch(what);
          return body.apply(target);
        });
  }

  /** What mappings can be; asked for once. */
  public DomainLimits limits() {
    DomainLimits known = limits;
    if (known == null) {
      known = call("limits", DriverDomain::limits);
      limits = known;
    }
    return known;
  }

  /** A batch of changes; see {@link HostedBatch}. */
  public HostedBatch batch() {
    return new HostedBatch(this);
  }

  /** See {@link DriverDomain#lookup}. */
  public long lookup(long iova) {
    return call("lookup", domain -> domain.lookup(iova));
  }

  /** See {@link DriverDomain#trackDirty}. */
  public SyncResult trackDirty(boolean enable) {
    return call("dirty tracking", domain -> domain.trackDirty(enable));
  }

  /** See {@link DriverDomain#readDirty}. */
  public SyncResult readDirty(IovaRange range, boolean clear, DirtySink sink) {
    return call("dirty bitmap", domain -> domain.readDirty(range, clear, sink));
  }

  /** The invalidation records it takes; empty unless nested. */
  public Optional<java.util.List<String>> invalidationTypes() {
    return call("invalidation", domain -> domain.nested().map(nested -> nested.types()));
  }

  /**
   * See {@link org.ioasis.api.driver.NestedDomain#invalidate}.
   *
   * @throws IoasisException INVALID unless nested
   */
  public BatchResult invalidate(Blob records, int recordBytes) {
    return call(
        "invalidation",
        domain ->
            domain
                .nested()
                .orElseThrow(
                    () ->
                        new IoasisException(
                            Reason.INVALID,
                            "invalidation refused: domain 0x%x of unit %s is not nested"
                                .formatted(key, host.unitId())))
                .invalidate(records, recordBytes));
  }

  /** Whether its end waits for a driver. */
  boolean isEnding() {
    return ending;
  }

  /**
   * Gives the tables back: now if there is a driver, by its successor if it has let go; if they
   * went with their driver there is nothing to do. Never fails: an end that the driver refuses is
   * its failure.
   */
  public void close() {
    ending = true;
    if (epoch == host.epoch() && host.isServing()) {
      try {
        call(
            "close",
            domain -> {
              domain.close();
              host.forget(this);
              return null;
            });
      } catch (IoasisException e) {
        LOG.warn(
            "domain: domain 0x{} of unit {} did not close",
            Long.toHexString(key),
            host.unitId(),
            e);
      }
    }
  }
}
