package org.ioasis.allocator.core;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * From a guest's number to the host's, for one set: two levels of 1024, made on first use.
 *
 * <p><b>Threading:</b> written under the allocator's lock; reads are wait-free.
 */
final class GuestTable {
  private volatile AtomicReferenceArray<AtomicIntegerArray> root;

  /** The host's number, or -1. */
  int host(int guest) {
    AtomicReferenceArray<AtomicIntegerArray> top = root;
    if (top == null || guest < 0 || guest >>> 20 != 0) {
      return -1;
    }
    AtomicIntegerArray leaf = top.getAcquire(guest >>> 10);
    return leaf == null ? -1 : leaf.getAcquire(guest & 1023) - 1;
  }

  /** Sets the host's number; -1 for none. */
  void host(int guest, int host) {
    if (root == null) {
      root = new AtomicReferenceArray<>(1024);
    }
    AtomicIntegerArray leaf = root.get(guest >>> 10);
    if (leaf == null) {
      leaf = new AtomicIntegerArray(1024);
      root.set(guest >>> 10, leaf);
    }
    leaf.setRelease(guest & 1023, host + 1);
  }
}
