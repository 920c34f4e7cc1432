package org.ioasis.api.domain;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.fault.FaultQueue;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A hardware page table. One that follows a space and was made for an attach goes with its last
 * attachment; one that was asked for stays until it is destroyed.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
@ProviderType
public interface Domain {
  /** The right to it. */
  Handle<Domain> handle();

  /** Unit whose format it has; another one after a swap. */
  String unitId();

  /** The space it follows; for a nested domain its parent's. */
  Handle<AddressSpace> space();

  /** What it does with a request. */
  DomainSpec.Type type();

  /** What it is able to do. */
  Set<DomainFlag> flags();

  /** Whether it was made for an attach rather than asked for. */
  boolean automatic();

  /** Where its faults go; empty for a handler. */
  Optional<Handle<FaultQueue>> faultQueue();

  /** Where it is attached. */
  List<RoutingKey> attachments();

  /**
   * What the hardware's tables say about an address.
   *
   * @return a packed {@link org.ioasis.api.machine.Translation}; FAULT if nothing is mapped
   * @throws org.ioasis.api.IoasisException DENIED unless the client is trusted with memory
   */
  long lookup(long iova);

  /**
   * Starts or ends marking of written pages; starting clears old marks.
   *
   * @throws org.ioasis.api.IoasisException UNSUPPORTED unless made with DIRTY_TRACKING; NOT_FOUND
   *     for a nested domain
   */
  void trackDirty(boolean enable);

  /**
   * Ors one bit per page into a bitmap: bit 0 of byte 0 is the page at {@code range.first()}. A
   * written leaf sets every bit it covers.
   *
   * @param pageLg2 log2 of the bytes per bit
   * @param bitmap from its position on; not moved
   * @param clear whether the marks go
   * @throws org.ioasis.api.IoasisException INVALID if marking is off or the range is misaligned;
   *     TOO_LARGE if the bitmap is too short
   */
  void readDirty(IovaRange range, int pageLg2, ByteBuffer bitmap, boolean clear);

  /**
   * Processes a user's invalidation records; see {@link
   * org.ioasis.api.driver.NestedDomain#invalidate}. A blob without bytes asks whether the type is
   * known.
   *
   * @throws org.ioasis.api.IoasisException INVALID unless the domain is nested
   */
  BatchResult invalidate(Blob records, int recordBytes);

  /** The user's PASID table if it holds one. */
  Optional<PasidTable> pasidTable();

  /**
   * Ends the domain.
   *
   * @throws org.ioasis.api.IoasisException BUSY while attached or a parent, naming the holder
   */
  void destroy();
}
