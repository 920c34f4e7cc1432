package org.ioasis.allocator.core;

import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;

/** Visits all ids that are out, a chunk under the lock at a time, so that nobody waits long. */
final class IdScan {
  static final int CHUNK = 256;

  /** Is shown an id under the lock. */
  interface Visit {
    void id(int id, long word);
  }

  private IdScan() {}

  /**
   * Visits all.
   *
   * @param after run without the lock after each chunk
   */
  static void each(Books books, Visit visit, Runnable after) {
    IdTable table = books.table;
    for (int from = 0; from < 1 << Pasid.MAX_BITS; from += CHUNK) {
      if (!table.reaches(from)) {
        continue;
      }
      books.lock.lock();
      try {
        for (int id = from; id < from + CHUNK; id++) {
          long word = table.word(id);
          if (StateWord.state(word) != IoasidState.FREE) {
            visit.id(id, word);
          }
        }
      } finally {
        books.lock.unlock();
      }
      after.run();
    }
  }
}
