package org.ioasis.machine.fabric;

import java.util.Arrays;

/**
 * Interrupts raised inside a burst, on their way to its end.
 *
 * <p><b>Threading:</b> confined to the thread that has the burst open.
 */
final class MessageQueue {
  private static final int FIRST_CAPACITY = 16;

  private long[] addresses = new long[FIRST_CAPACITY];
  private int[] data = new int[FIRST_CAPACITY];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  void add(long address, int message) {
    if (size == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * size);
      data = Arrays.copyOf(data, 2 * size);
    }
    addresses[size] = address;
    data[size++] = message;
  }

  /** Delivers all in order and empties the queue, even if a receiver throws. */
  void deliverTo(MachineFabric fabric) {
    int count = size;
    try {
      for (int i = 0; i < count; i++) {
        fabric.deliver(addresses[i], data[i]);
      }
    } finally {
      size = 0;
    }
  }
}
