package org.ioasis.machine.memory;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.MemoryStatus;

/** Memory as a map from address to byte: slow, and too simple to be wrong. */
final class MemoryModel {
  private final List<MemoryRegion> regions;
  private final Map<Long, Byte> bytes = new HashMap<>();
  private final Set<Long> poisoned = new HashSet<>();
  private Map<Long, Byte> saved;

  MemoryModel(List<MemoryRegion> regions) {
    this.regions = regions;
  }

  /** What a backed region of the tests holds at an address. */
  static byte patternAt(long address) {
    return (byte) ((address * 31) >>> 3 ^ address);
  }

  /** Fills a buffer with {@link #patternAt}. */
  static void fillPattern(long address, ByteBuffer into) {
    for (long at = address; into.hasRemaining(); at++) {
      into.put(patternAt(at));
    }
  }

  private MemoryRegion regionOf(long address) {
    return regions.stream().filter(region -> region.contains(address)).findFirst().orElse(null);
  }

  MemoryStatus status(long address, long length) {
    MemoryStatus status = MemoryStatus.OK;
    for (long at = address; at != address + length; at++) {
      if (regionOf(at) == null) {
        return MemoryStatus.ABSENT;
      }
      if (poisoned.contains(at >>> 3)) {
        status = MemoryStatus.POISONED;
      }
    }
    return status;
  }

  byte byteAt(long address) {
    Byte written = bytes.get(address);
    if (written != null) {
      return written;
    }
    return regionOf(address).backing() == org.ioasis.api.memory.MemoryBacking.ZERO
        ? 0
        : patternAt(address);
  }

  /** Little-endian; all ones in the width if absent or poisoned. */
  long load(long address, int width) {
    if (status(address, width) != MemoryStatus.OK) {
      return width == 8 ? -1 : (1L << (8 * width)) - 1;
    }
    long value = 0;
    for (int i = 0; i < width; i++) {
      value |= (byteAt(address + i) & 0xFFL) << (8 * i);
    }
    return value;
  }

  boolean store(long address, int width, long value) {
    if (status(address, width) != MemoryStatus.OK) {
      return false;
    }
    for (int i = 0; i < width; i++) {
      bytes.put(address + i, (byte) (value >>> (8 * i)));
    }
    return true;
  }

  MemoryStatus write(long address, byte[] content) {
    MemoryStatus status = status(address, content.length);
    if (status == MemoryStatus.OK) {
      for (int i = 0; i < content.length; i++) {
        bytes.put(address + i, content[i]);
      }
    }
    return status;
  }

  void mark(long address, long length, boolean bad) {
    for (long at = address; at < address + length; at++) {
      if (regionOf(at) != null) {
        if (bad) {
          poisoned.add(at >>> 3);
        } else {
          poisoned.remove(at >>> 3);
        }
      }
    }
  }

  void checkpoint() {
    saved = new HashMap<>(bytes);
  }

  void rollback() {
    bytes.clear();
    bytes.putAll(saved);
  }
}
