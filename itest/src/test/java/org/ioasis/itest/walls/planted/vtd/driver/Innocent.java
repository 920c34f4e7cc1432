package org.ioasis.itest.walls.planted.vtd.driver;

/** Breaks no wall; others break one by using it. */
public final class Innocent {
  private Innocent() {}
}
