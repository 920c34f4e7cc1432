package org.ioasis.allocator.core;

import java.util.HashMap;
import java.util.Map;

/**
 * A publisher's entry in the books: what is bound through it, by id and generation.
 *
 * <p><b>Threading:</b> under the allocator's lock.
 */
final class PublisherCore {
  final long number;
  final int sid;
  final String name;
  final int client;
  final Map<Long, Integer> bound = new HashMap<>();

  PublisherCore(long number, int sid, String name, int client) {
    this.number = number;
    this.sid = sid;
    this.name = name;
    this.client = client;
  }

  static long key(int id, long word) {
    return (long) StateWord.generation(word) << 32 | id;
  }
}
