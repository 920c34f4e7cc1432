package org.ioasis.api.memory;

import java.util.Objects;

/**
 * A stretch of RAM.
 *
 * @param base first address, 4 KiB aligned
 * @param last last address, inclusive; {@code last + 1} is 4 KiB aligned
 * @param backing first content
 */
public record MemoryRegion(long base, long last, MemoryBacking backing) {
  private static final long PAGE_MASK = 0xFFF;

  /** Checks alignment and order. */
  public MemoryRegion {
    Objects.requireNonNull(backing, "backing");
    if ((base & PAGE_MASK) != 0 || (last & PAGE_MASK) != PAGE_MASK || base < 0 || last < base) {
      throw new IllegalArgumentException(
          "RAM region 0x%x..0x%x: base and last + 1 must be 4 KiB aligned, base below last"
              .formatted(base, last));
    }
  }

  /** Empty RAM of {@code size} bytes at {@code base}. */
  public static MemoryRegion ram(long base, long size) {
    return new MemoryRegion(base, base + size - 1, MemoryBacking.ZERO);
  }

  /** Size in bytes. */
  public long size() {
    return last - base + 1;
  }

  /** Whether the region holds {@code address}. */
  public boolean contains(long address) {
    return address >= base && address <= last;
  }
}
