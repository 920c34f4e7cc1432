package org.ioasis.vtd.hardware;

import java.util.Map;
import java.util.TreeMap;

/** Words in two sorted arrays: loads allocate nothing. Loads only. */
final class FlatMemory extends TestMemory {
  private final long[] addresses;
  private final long[] words;

  FlatMemory(TestMemory other) {
    super(Fixture.RAM_END);
    Map<Long, Long> sorted = new TreeMap<>(other.snapshot());
    addresses = sorted.keySet().stream().mapToLong(Long::longValue).toArray();
    words = sorted.values().stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public long load64(long address) {
    for (int i = 0; i < addresses.length; i++) {
      if (addresses[i] == address) {
        return words[i];
      }
    }
    return 0;
  }
}
