package org.ioasis.allocator.core;

/**
 * A publisher's entry in the books, and the chain of what is bound through it.
 *
 * <p><b>Threading:</b> under the allocator's lock.
 */
final class PublisherCore {
  final long number;
  final int sid;
  final String name;
  final int client;
  BindCore bound;
  boolean closed;

  PublisherCore(long number, int sid, String name, int client) {
    this.number = number;
    this.sid = sid;
    this.name = name;
    this.client = client;
  }
}
