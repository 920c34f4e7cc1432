package org.ioasis.domain.space;

import java.util.List;
import java.util.OptionalLong;
import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.MappingSink;
import org.ioasis.api.domain.SpaceLimits;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.driver.DomainLimits;
import org.ioasis.domain.client.Kept;

/**
 * An address space: mappings as data, and the followers that mirror them. What follows is the part
 * that page tables and devices use; the rest comes with the services.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
public abstract class Space implements Kept {
  /** The right to it. */
  public abstract Handle<AddressSpace> handle();

  /** What it was made of. */
  public abstract AddressSpaceSpec spec();

  /**
   * Lets a follower join: admission, then back-fill in bounded chunks while changes go on and reach
   * it too. When it returns the follower holds what the space maps.
   *
   * @throws org.ioasis.api.IoasisException as {@link #objections}' first, and nothing has changed;
   *     EXHAUSTED, MEMORY_FAULT from the back-fill, and the follower follows no more
   */
  public abstract void addFollower(Follower follower);

  /**
   * Lets a follower go. When it returns no batch of it is in use or will be asked for; what it
   * holds is its owner's to give back.
   */
  public abstract void removeFollower(Follower follower);

  /**
   * Why a follower with these limits could not join now: every mapping, reservation, allowed range
   * and promise of the space against it. Changes nothing.
   *
   * @param who for the messages
   * @return empty if it fits; at most 64 of them
   */
  public abstract List<Objection> objections(String who, DomainLimits limits);

  /**
   * Reserves a range until the result is closed; RESERVED if it meets a mapping or allowed range.
   */
  public abstract AddressSpace.Reservation reserve(IovaRange range, String by);

  /** A device without any unit is attached (+1) or no longer (-1). */
  public abstract void unitless(int delta);

  /**
   * Maps what another space maps, all of it at the same addresses with the same rights, or nothing.
   *
   * @throws org.ioasis.api.IoasisException EXISTS for one that collides, naming it
   */
  public abstract void copyAll(Space from);

  /** As the API's. */
  public abstract long copy(Space from, IovaRange range, OptionalLong iova, int rights);

  /** As the API's. */
  public abstract long unmap(IovaRange range, UnmapMode mode);

  /** As the API's. */
  public abstract SpaceLimits limits();

  /** As the API's. */
  public abstract void mappings(IovaRange range, MappingSink sink);

  /** As the API's. */
  public abstract long mappingCount();
}
