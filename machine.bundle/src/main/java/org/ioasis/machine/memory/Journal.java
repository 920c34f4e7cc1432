package org.ioasis.machine.memory;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What chunks held at a checkpoint: a copy of each, made before the first store after it.
 *
 * <p><b>Threading:</b> {@link #save} from any thread; a storing thread returns from it before it
 * stores, so no copy holds a later store.
 */
final class Journal {
  private record Saved(long[] data, long[] copy) {}

  private final ConcurrentMap<Long, Saved> saved = new ConcurrentHashMap<>();

  /** Keeps a copy of the chunk unless there is one. */
  void save(long chunk, long[] data) {
    saved.computeIfAbsent(chunk, key -> new Saved(data, data.clone()));
  }

  /** Puts every saved content back, and tells the chunks' numbers. */
  void restore(java.util.function.LongConsumer restored) {
    saved.forEach(
        (chunk, entry) -> {
          System.arraycopy(entry.copy, 0, entry.data, 0, entry.copy.length);
          restored.accept(chunk);
        });
    saved.clear();
  }
}
