package org.ioasis.api.domain;

import java.util.List;
import java.util.Optional;
import org.ioasis.api.Handle;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Address spaces and their memory. Bundle-scoped: what a bundle made goes with it.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
@ProviderType
public interface IoasService {
  /** Makes an empty space. */
  AddressSpace createSpace(AddressSpaceSpec spec);

  /**
   * The living space behind a handle, whichever instance of the service made it.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND if it was destroyed
   */
  AddressSpace space(Handle<AddressSpace> handle);

  /**
   * Makes a source of memory.
   *
   * @throws org.ioasis.api.IoasisException DENIED for a physical region or lent memory unless the
   *     client is trusted with memory; INVALID for a length of 0 or beyond the end; NOT_FOUND
   *     without the file; EXHAUSTED
   */
  MemorySource createSource(String name, MemorySpec spec);

  /** The living source behind a handle; the refusal of {@link #space}. */
  MemorySource source(Handle<MemorySource> handle);

  /** The living access behind a handle; the refusal of {@link #space}. */
  Access access(Handle<Access> handle);

  /**
   * A setting.
   *
   * @param space for settings per space; else null
   */
  long option(SpaceOption option, Handle<AddressSpace> space);

  /**
   * Changes a setting.
   *
   * @throws org.ioasis.api.IoasisException INVALID, BUSY, RESERVED as the option says; DENIED for a
   *     global one unless the client is trusted
   */
  void setOption(SpaceOption option, Handle<AddressSpace> space, long value);

  /** The space that compatibility calls without a space of their own use; empty if none. */
  Optional<Handle<AddressSpace>> defaultSpace();

  /** Names or, with null, clears the space of compatibility calls. */
  void setDefaultSpace(Handle<AddressSpace> space);

  /**
   * Charges the pins of every mapping to the calling client from now on.
   *
   * @throws org.ioasis.api.IoasisException INVALID unless every mapping is of a file
   */
  void chargeToCaller();

  /** Objects not destroyed by clients that are gone, and where they were made. */
  List<Leak> leaks();

  /**
   * An object that its client left behind.
   *
   * @param what the object
   * @param bundle symbolic name of the client
   * @param where stack of the making call, empty unless recording is on
   */
  record Leak(String what, String bundle, List<String> where) {
    /** Copies the list. */
    public Leak {
      where = List.copyOf(where);
    }
  }
}
