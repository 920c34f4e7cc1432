package org.ioasis.itest.walls.planted.vtd.format;

/** Breaks no wall; others break one by using it. */
public final class Innocent {
  private Innocent() {}
}
