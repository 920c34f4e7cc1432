package org.ioasis.capture.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Bytes at 64-bit offsets, from a mapped file or an inflated one.
 *
 * <p><b>Threading:</b> any thread, also concurrently.
 */
public interface ByteSource extends AutoCloseable {
  /** The file, for messages. */
  String name();

  /** Number of bytes. */
  long size();

  /**
   * Copies {@code into.remaining()} bytes.
   *
   * @param offset of the first byte; {@code offset + into.remaining()} is at most {@link #size()}
   */
  void read(long offset, ByteBuffer into);

  @Override
  void close();

  /** {@code length} bytes at {@code offset}, little-endian. */
  default ByteBuffer slice(long offset, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    read(offset, bytes);
    return bytes.flip();
  }
}
