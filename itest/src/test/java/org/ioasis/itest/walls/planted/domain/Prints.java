package org.ioasis.itest.walls.planted.domain;

/** Prints past the command. */
final class Prints {
  void print() {
    System.out.println();
  }
}
