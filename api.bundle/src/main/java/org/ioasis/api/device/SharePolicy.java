package org.ioasis.api.device;

/** What becomes of the moving device's own mappings when it joins another's space. */
public enum SharePolicy {
  /** They must all be in the shared space already, the same; otherwise the share is refused. */
  KEEP,
  /** They are lost to it. */
  DISCARD,
  /** They are copied into the shared space; one that collides refuses the share. */
  MERGE_OR_FAIL
}
