package org.ioasis.allocator.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What is known of each number: two levels of 1024, leaves made on first use and kept.
 *
 * <p><b>Threading:</b> written under the allocator's lock; the word last, with release. Readers
 * load the word with acquire, then the data, then the word again: the same generation and state
 * mean that the data is that generation's.
 */
final class IdTable {
  static final int LEAF_LG2 = 10;
  private static final int LEAF = 1 << LEAF_LG2;
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle GUESTS = MethodHandles.arrayElementVarHandle(int[].class);
  private static final VarHandle DATA = MethodHandles.arrayElementVarHandle(Object[].class);

  private static final class Leaf {
    final long[] words = new long[LEAF];
    final int[] guests = new int[LEAF]; // guest number + 1, 0 if none
    final int[] bindings = new int[LEAF];
    final int[] clients = new int[LEAF];
    final int[] choosers = new int[LEAF];
    final Object[] data = new Object[LEAF];
    final Link[] links = new Link[LEAF];
  }

  private final AtomicReferenceArray<Leaf> root = new AtomicReferenceArray<>(LEAF);

  private Leaf leaf(int id) {
    return id >>> (2 * LEAF_LG2) == 0 ? root.getAcquire(id >>> LEAF_LG2) : null;
  }

  private Leaf leafForWrite(int id) {
    Leaf leaf = root.getPlain(id >>> LEAF_LG2);
    if (leaf == null) {
      leaf = new Leaf();
      root.setRelease(id >>> LEAF_LG2, leaf);
    }
    return leaf;
  }

  /** The word of a number; 0, which is FREE, where nothing ever was or outside of 20 bits. */
  long word(int id) {
    Leaf leaf = leaf(id);
    return leaf == null ? 0 : (long) WORDS.getAcquire(leaf.words, id & LEAF - 1);
  }

  void word(int id, long word) {
    WORDS.setRelease(leafForWrite(id).words, id & LEAF - 1, word);
  }

  /** The data of a usable number of a set; null otherwise. Wait-free, allocates nothing. */
  Object find(int id, int set) {
    Leaf leaf = leaf(id);
    if (leaf == null) {
      return null;
    }
    int slot = id & LEAF - 1;
    long word = (long) WORDS.getAcquire(leaf.words, slot);
    if (!StateWord.isUsable(word) || StateWord.set(word) != set) {
      return null;
    }
    Object data = DATA.getAcquire(leaf.data, slot);
    long again = (long) WORDS.getAcquire(leaf.words, slot);
    return StateWord.isUsable(again) && StateWord.generation(again) == StateWord.generation(word)
        ? data
        : null;
  }

  Object data(int id) {
    Leaf leaf = leaf(id);
    return leaf == null ? null : DATA.getAcquire(leaf.data, id & LEAF - 1);
  }

  void data(int id, Object data) {
    DATA.setRelease(leafForWrite(id).data, id & LEAF - 1, data);
  }

  /** The guest's number, or -1. */
  int guest(int id) {
    Leaf leaf = leaf(id);
    return leaf == null ? -1 : (int) GUESTS.getAcquire(leaf.guests, id & LEAF - 1) - 1;
  }

  void guest(int id, int guest) {
    GUESTS.setRelease(leafForWrite(id).guests, id & LEAF - 1, guest + 1);
  }

  int bindings(int id) {
    Leaf leaf = leaf(id);
    return leaf == null ? 0 : leaf.bindings[id & LEAF - 1];
  }

  void bindings(int id, int count) {
    leafForWrite(id).bindings[id & LEAF - 1] = count;
  }

  int client(int id) {
    return leafForWrite(id).clients[id & LEAF - 1];
  }

  void client(int id, int client) {
    leafForWrite(id).clients[id & LEAF - 1] = client;
  }

  int chooser(int id) {
    return leafForWrite(id).choosers[id & LEAF - 1];
  }

  void chooser(int id, int chooser) {
    leafForWrite(id).choosers[id & LEAF - 1] = chooser;
  }

  /** What hangs on a number, the newest first; null if nothing does. */
  Link links(int id) {
    Leaf leaf = leaf(id);
    return leaf == null ? null : leaf.links[id & LEAF - 1];
  }

  /** Hangs something on a number that is out. */
  void hang(int id, Link link) {
    Link[] links = leafForWrite(id).links;
    Link first = links[id & LEAF - 1];
    link.previous = null;
    link.next = first;
    if (first != null) {
      first.previous = link;
    }
    links[id & LEAF - 1] = link;
  }

  void takeDown(int id, Link link) {
    if (link.previous == null) {
      leafForWrite(id).links[id & LEAF - 1] = link.next;
    } else {
      link.previous.next = link.next;
    }
    if (link.next != null) {
      link.next.previous = link.previous;
    }
    link.previous = null;
    link.next = null;
  }

  /** The end of a number in FREE_PENDING. */
  Settlement end(int id) {
    Link at = links(id);
    while (at != null && !(at instanceof Settlement)) {
      at = at.next;
    }
    return (Settlement) at;
  }

  /** Whether anything was ever known of a number's neighbourhood. */
  boolean reaches(int id) {
    return leaf(id) != null;
  }

  /** Forgets everything, when a successor has the books. */
  void clear() {
    for (int i = 0; i < LEAF; i++) {
      root.set(i, null);
    }
  }
}
