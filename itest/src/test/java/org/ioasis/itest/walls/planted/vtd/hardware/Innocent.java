package org.ioasis.itest.walls.planted.vtd.hardware;

/** Breaks no wall; others break one by using it. */
public final class Innocent {
  private Innocent() {}
}
