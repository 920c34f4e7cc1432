package org.ioasis.allocator.core;

/**
 * What a publisher has bound an id to, so many times. It hangs on the id and on the publisher.
 *
 * <p><b>Threading:</b> under the allocator's lock.
 */
final class BindCore extends Link {
  final PublisherCore publisher;
  final int id;
  int count;
  private BindCore before;
  private BindCore after;

  BindCore(PublisherCore publisher, int id) {
    this.publisher = publisher;
    this.id = id;
  }

  /** What the publisher has bound besides, or null. */
  BindCore after() {
    return after;
  }

  void hang(IdTable table) {
    table.hang(id, this);
    after = publisher.bound;
    if (after != null) {
      after.before = this;
    }
    publisher.bound = this;
  }

  void takeDown(IdTable table) {
    table.takeDown(id, this);
    if (before == null) {
      publisher.bound = after;
    } else {
      before.after = after;
    }
    if (after != null) {
      after.before = before;
    }
  }
}
