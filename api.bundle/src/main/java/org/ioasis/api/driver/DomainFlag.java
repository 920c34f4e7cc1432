package org.ioasis.api.driver;

/** What a domain must be able to do; fixed when it is made. */
public enum DomainFlag {
  /** Other domains may nest in it: its format is one that can be a second stage. */
  NEST_PARENT,
  /** Written pages can be told from others. */
  DIRTY_TRACKING,
  /** Recoverable faults reach the sink instead of ending at once. */
  FAULT_CAPABLE,
  /** It may be attached to a PASID, or beside domains that are. */
  PASID,
  /** A nested domain whose first stage is a whole PASID table of the user's. */
  USER_PASID_TABLE,
  /** Requests are snooped whatever the device wishes. */
  ENFORCE_SNOOP
}
