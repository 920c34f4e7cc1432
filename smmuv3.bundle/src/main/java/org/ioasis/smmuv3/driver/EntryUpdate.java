package org.ioasis.smmuv3.driver;

import org.ioasis.kit.driver.TablePages;

/**
 * Changes a live structure of several words, of which the unit may read each at any time: a stream
 * table entry or a context descriptor. "Configuration structures and TLB: rules for changes".
 *
 * <p>Which bits the unit looks at depends on the structure&#39;s own mode. If old and new differ in
 * bits that both modes use in one word alone, the change needs no window: first the words that the
 * old mode does not use are filled, then the one word is exchanged, then what the new mode does not
 * use is cleared; after each step the unit is told and waited for. Otherwise the structure is
 * closed first, so a reader meets the old one, a closed one, or the new one, and never a mixture.
 *
 * <p><b>Threading:</b> one thread at a time per structure; the unit reads meanwhile.
 */
final class EntryUpdate {
  /** Which bits of a structure the unit uses, given what the structure says. */
  interface Uses {
    /** One mask per word. */
    long[] masks(long[] words);
  }

  private final TablePages pages;
  private final Uses uses;
  private final long[] closed;
  private final Runnable tell;
  private int steps;

  /**
   * An update.
   *
   * @param closed a structure that lets nothing pass and uses bits of its first word only
   * @param tell makes the unit forget what it has cached of the structure, and waits
   */
  EntryUpdate(TablePages pages, Uses uses, long[] closed, Runnable tell) {
    this.pages = pages;
    this.uses = uses;
    this.closed = closed.clone();
    this.tell = tell;
  }

  /** Whether a change needs no window. */
  boolean isHitless(long[] now, long[] target) {
    return critical(now, target) >= -1;
  }

  /** The word that both modes use and that differs; -1 if there is none, -2 if more than one. */
  private int critical(long[] now, long[] target) {
    long[] before = uses.masks(now);
    long[] after = uses.masks(target);
    int found = -1;
    for (int word = 0; word < now.length; word++) {
      long unusedFilled = (now[word] & before[word]) | (target[word] & after[word] & ~before[word]);
      if (((unusedFilled ^ target[word]) & after[word]) != 0) {
        if (found >= 0) {
          return -2;
        }
        found = word;
      }
    }
    return found;
  }

  /** Reads a structure. */
  long[] read(long address, int count) {
    long[] words = new long[count];
    for (int word = 0; word < count; word++) {
      words[word] = pages.load(address + 8L * word);
    }
    return words;
  }

  /**
   * Makes the structure at an address say {@code target}.
   *
   * @return whether there was no window
   */
  boolean write(long address, long[] target) {
    long[] now = read(address, target.length);
    steps = 0;
    int critical = critical(now, target);
    if (critical == -2) {
      store(address, now, withFirst(now, closed[0]));
      store(address, now, withFirst(target, closed[0]));
      store(address, now, target);
      return false;
    }
    long[] before = uses.masks(now);
    long[] after = uses.masks(target);
    long[] filled = new long[target.length];
    for (int word = 0; word < target.length; word++) {
      filled[word] = (now[word] & before[word]) | (target[word] & after[word] & ~before[word]);
    }
    if (critical >= 0) {
      filled[critical] = now[critical];
    }
    store(address, now, filled);
    if (critical >= 0) {
      filled[critical] = target[critical];
      store(address, now, filled);
    }
    store(address, now, target);
    return true;
  }

  private static long[] withFirst(long[] words, long first) {
    long[] copy = words.clone();
    copy[0] = first;
    return copy;
  }

  /** Stores the words that differ and tells the unit; nothing if none does. */
  private void store(long address, long[] now, long[] next) {
    boolean changed = false;
    for (int word = 0; word < next.length; word++) {
      if (now[word] != next[word]) {
        pages.store(address + 8L * word, next[word]);
        now[word] = next[word];
        changed = true;
      }
    }
    if (changed) {
      pages.barrier();
      steps++;
      tell.run();
    }
  }

  /** How often the unit was told in the last change. */
  int steps() {
    return steps;
  }
}
