package org.ioasis.itest.walls.planted.api.state;

/** Breaks no wall; others break one by using it. */
public final class Innocent {
  private Innocent() {}
}
