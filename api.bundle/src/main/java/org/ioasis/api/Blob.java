package org.ioasis.api;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Vendor data in transit: a type name and bytes, little-endian where they hold numbers. Vendor data
 * never crosses the API as a vendor's Java type.
 *
 * @param type what the bytes are, in lower case with the vendor first, for example {@code
 *     vtd.hwpt-s1} or {@code smmuv3.ste}
 * @param bytes the content; read-only, and every call of the accessor returns a view of its own
 */
public record Blob(String type, ByteBuffer bytes) {
  /** Copies the content, so that later writes of the caller do not reach it. */
  public Blob {
    Objects.requireNonNull(type, "type");
    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
    copy.put(bytes.duplicate()).flip();
    bytes = copy.asReadOnlyBuffer();
  }

  @Override
  public ByteBuffer bytes() {
    return bytes.duplicate().order(java.nio.ByteOrder.LITTLE_ENDIAN);
  }

  /** Length of the content in bytes. */
  public int length() {
    return bytes.remaining();
  }
}
