package org.ioasis.itest;

/** Stands for a component of a vendor that throws when it is activated. */
public final class ThrowingComponent {
  /** Throws. */
  public ThrowingComponent() {
    throw new IllegalStateException("this vendor throws in its activation");
  }
}
