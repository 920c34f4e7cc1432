package org.ioasis.itest.walls.planted.capture;

/** Goes around the language by reflection. */
final class GoesAround {
  final String[] ways = {"sun.misc.Unsafe", "jdk/internal/misc/Unsafe"};
}
