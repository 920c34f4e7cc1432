package org.ioasis.api.device;

/** What a device finds when it leaves a shared space. */
public enum UnshareMode {
  /** Nothing mapped. */
  EMPTY,
  /** The same mappings, in a space of its own. */
  COPY
}
