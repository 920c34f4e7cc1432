package org.ioasis.itest.walls.planted.vtd.hardware;

/** A model with a thread of its own. */
final class OwnsThread {
  final Thread thread = new Thread(() -> {});
}
