package org.ioasis.benchmark.rig;

/** How large a unit's caches are. */
public enum Caches {
  /** As a unit has them that is not told anything else. */
  DEFAULT,

  /**
   * The smallest walk cache there is, the others as usual: nearly every walk begins at the root.
   */
  SMALLEST_WALK_CACHE
}
