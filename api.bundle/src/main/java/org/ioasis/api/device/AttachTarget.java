package org.ioasis.api.device;

import org.ioasis.api.Handle;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Domain;

/** What a device is attached to. */
public sealed interface AttachTarget {
  /** A space: a domain that fits is found or made. */
  record Space(Handle<AddressSpace> space) implements AttachTarget {}

  /** A domain that was asked for. */
  record Table(Handle<Domain> domain) implements AttachTarget {}

  /** Addresses pass unchanged; for trusted clients only. */
  record Identity() implements AttachTarget {}
}
