package org.ioasis.itest.walls.planted.domain;

import java.util.function.LongSupplier;

/** Reads the clock, through a method reference. */
final class ReadsClock {
  final LongSupplier clock = System::nanoTime;
}
