package org.ioasis.api.engine;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One stream of accesses of an engine. An access of any length is cut at 4 KiB boundaries, a burst
 * each; between bursts it waits for pages, stalls and a closed port as the engine&#39;s
 * specification says, on the machine&#39;s time.
 *
 * <p><b>Threading:</b> one thread at a time, outside bursts of its own.
 */
@ProviderType
public interface DmaChannel {
  /**
   * Reads {@code into.remaining()} bytes; the buffer&#39;s position tells how many came.
   *
   * @param pasid PASID, or {@link org.ioasis.api.machine.DmaRequest#NO_PASID}
   */
  TransferStatus read(int pasid, long iova, ByteBuffer into);

  /** Writes {@code from.remaining()} bytes; the buffer&#39;s position tells how many went. */
  TransferStatus write(int pasid, long iova, ByteBuffer from);

  /** Adds to an aligned 64-bit word; {@link #found} tells what was there. */
  TransferStatus fetchAndAdd(int pasid, long iova, long addend);

  /** Swaps an aligned 64-bit word if it is as expected; {@link #found} tells what was there. */
  TransferStatus compareAndExchange(int pasid, long iova, long expected, long value);

  /** Writes an interrupt message. */
  TransferStatus interrupt(long address, int data);

  /**
   * Asks for pages as one group, without touching them.
   *
   * @param access READ, WRITE and EXECUTE bits of {@link org.ioasis.api.machine.DmaRequest}
   * @param pages 1 or more, from the page of {@code iova} on
   */
  TransferStatus requestPages(int pasid, long iova, int pages, int access);

  /** Makes later accesses privileged, or not. */
  DmaChannel privileged(boolean value);

  /** What the last atomic access found. */
  long found();

  /** The unit&#39;s code of the last refusal, 0 if none. */
  int faultCode();
}
