package org.ioasis.domain.space;

import org.ioasis.api.Handle;
import org.ioasis.api.domain.Access;
import org.ioasis.api.domain.AccessUser;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Kept;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.memory.Sources;

/**
 * All address spaces.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class Spaces {
  private final Objects objects;
  private final Sources sources;
  private final Ledger ledger;
  private final Options options;
  private volatile KindLimits kinds;
  private final Space.FollowerListener followers;

  /**
   * @param kinds who knows the limits of kinds of unit
   * @param followers told when page tables begin and cease to follow
   * @param mappingLimit most mappings of one client
   */
  public Spaces(
      Objects objects,
      Sources sources,
      KindLimits kinds,
      Space.FollowerListener followers,
      long mappingLimit) {
    this.objects = objects;
    this.sources = sources;
    this.kinds = kinds;
    this.followers = followers;
    ledger = new Ledger(mappingLimit);
    options = new Options(objects, ledger);
  }

  /** The table of identities. */
  public Objects objects() {
    return objects;
  }

  /** Who knows the limits of kinds of unit; asked when a portable space is made. */
  public void kinds(KindLimits knower) {
    kinds = knower;
  }

  /** All sources. */
  public Sources sources() {
    return sources;
  }

  /** Settings. */
  public Options options() {
    return options;
  }

  /** An empty space of a client. */
  public Space create(Client owner, AddressSpaceSpec spec) {
    return objects.enter(
        AddressSpace.class,
        owner,
        handle -> new Space(sources, handle, owner, spec, kinds, ledger, followers));
  }

  /** The living space of a handle. */
  public Space find(Handle<AddressSpace> handle) {
    return objects.find(handle, Space.class);
  }

  /** A space as another instance of the bundle left it; its sources are there already. */
  public Space take(Client owner, Handle<AddressSpace> handle, Object left) {
    Object[] parts = (Object[]) left;
    Space space =
        new Space(sources, handle, owner, (AddressSpaceSpec) parts[0], kinds, ledger, followers);
    space.take(parts);
    return space;
  }

  /** An access as another instance of the bundle left it; its space is there already. */
  @SuppressWarnings("unchecked")
  public Kept takeAccess(Handle<Access> handle, Object left) {
    Object[] parts = (Object[]) left;
    return new AccessCore(
        objects,
        handle,
        find((Handle<AddressSpace>) parts[3]),
        (String) parts[0],
        (boolean) parts[1],
        (AccessUser) parts[2],
        options);
  }
}
