package org.ioasis.api.domain;

import java.nio.ByteBuffer;
import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A user inside the platform that reads, writes and pins memory by IOVA.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
@ProviderType
public interface Access extends AutoCloseable {
  /** The right to it. */
  Handle<Access> handle();

  /** The space it uses now. */
  Handle<AddressSpace> space();

  /**
   * Pins a gaplessly mapped range until the result is closed, or the user lets go in {@link
   * AccessUser#unmapping}.
   *
   * @param rights READ and WRITE bits of {@link org.ioasis.api.machine.DmaRequest}
   * @throws org.ioasis.api.IoasisException NOT_FOUND if there is a gap; DENIED if a mapping lacks
   *     the rights; INVALID if misaligned, being unmapped or not allowed to pin; EXHAUSTED above 16
   *     MiB
   */
  PinnedRange pin(IovaRange range, int rights);

  /**
   * Copies out of the space.
   *
   * @throws org.ioasis.api.IoasisException as {@link #pin}
   */
  void read(long iova, ByteBuffer into);

  /** Copies into the space; the refusals of {@link #read}. */
  void write(long iova, ByteBuffer from);

  /** Moves to another space; all pins are gone when it returns, after {@link AccessUser}. */
  void replace(Handle<AddressSpace> space);

  /** Ends the access and its pins. */
  @Override
  void close();

  /** A pinned range. */
  @ProviderType
  interface PinnedRange extends AutoCloseable {
    /** Its addresses. */
    IovaRange range();

    /** Where the memory is. */
    void segments(SegmentSink sink);

    /**
     * Lets go.
     *
     * @throws org.ioasis.api.IoasisException NOT_FOUND if an unmap has removed it before
     */
    @Override
    void close();
  }
}
