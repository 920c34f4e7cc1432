package org.ioasis.itest.walls.planted.api.domain;

/** Breaks no wall; others break one by using it. */
public final class Innocent {
  private Innocent() {}
}
