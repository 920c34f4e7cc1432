package org.ioasis.api.domain;

import java.util.List;
import java.util.OptionalLong;
import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.osgi.annotation.versioning.ProviderType;

/**
 * An I/O address space. Changes reach every domain that follows it before the call returns, on
 * every unit; removed means gone, for devices and for accesses.
 *
 * <p><b>Threading:</b> any thread, outside bursts. Changes of one space are serialised where they
 * meet; callbacks run without locks.
 */
@ProviderType
public interface AddressSpace {
  /** The right to the space. */
  Handle<AddressSpace> handle();

  /** What it was made of. */
  AddressSpaceSpec spec();

  /**
   * Maps memory.
   *
   * @return the first address
   * @throws org.ioasis.api.IoasisException EXISTS if a fixed range meets a mapping; INVALID if it
   *     is reserved, misaligned or without rights; OVERFLOW; EXHAUSTED without room; MEMORY_FAULT
   *     if the memory cannot be had; DENIED for writing what is not writable; UNSUPPORTED for
   *     rights a domain cannot express
   */
  long map(MapRequest request);

  /**
   * Removes the mappings of a range.
   *
   * @return bytes removed
   * @throws org.ioasis.api.IoasisException NOT_FOUND if the range meets no mapping, or in mode
   *     WHOLE covers one in part; BUSY if a hardware queue holds memory there
   */
  long unmap(IovaRange range, UnmapMode mode);

  /** Removes every mapping; bytes removed, 0 if there was none. */
  long unmapAll();

  /**
   * Maps what another space maps, sharing the memory.
   *
   * @param from the other space, or this one
   * @param range gaplessly mapped there; may begin and end inside mappings
   * @param iova where; empty for any
   * @return the first address
   * @throws org.ioasis.api.IoasisException NOT_FOUND if there is a gap; otherwise as {@link #map}
   */
  long copy(Handle<AddressSpace> from, IovaRange range, OptionalLong iova, int rights);

  /**
   * Changes the rights of every mapping in a range, each page atomically.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND as {@link #unmap}
   */
  void protect(IovaRange range, int rights);

  /**
   * Restricts chosen addresses to these ranges, replacing the earlier list; an empty list lifts the
   * restriction.
   *
   * @throws org.ioasis.api.IoasisException INVALID if they overlap each other; RESERVED if one
   *     meets a reserved range; the earlier list stays then
   */
  void allow(List<IovaRange> ranges);

  /**
   * Reserves a range until the result is closed.
   *
   * @throws org.ioasis.api.IoasisException RESERVED if it meets a mapping or an allowed range
   */
  Reservation reserve(IovaRange range, String by);

  /** What can be mapped now. */
  SpaceLimits limits();

  /** Who narrowed what. */
  List<Narrowing> narrowings();

  /** The mappings that meet a range. */
  void mappings(IovaRange range, MappingSink sink);

  /** How many mappings there are. */
  long mappingCount();

  /** The domains that follow the space. */
  List<Handle<Domain>> domains();

  /**
   * Begins an access of a user inside the platform.
   *
   * @param mayPin whether it pins; then mappings are aligned to pages
   */
  Access access(String name, boolean mayPin, AccessUser user);

  /** A read-only view for a user that translates himself, for example an emulated device. */
  Translator translator(String name, AccessUser user);

  /**
   * Physical address and contiguous length behind an address, for devices without any unit.
   *
   * @throws org.ioasis.api.IoasisException DENIED unless the client is trusted with memory;
   *     UNSUPPORTED unless a device without a unit is attached; NOT_FOUND if nothing is mapped
   */
  void physical(IovaRange range, SegmentSink sink);

  /**
   * Ends the space and its mappings.
   *
   * @throws org.ioasis.api.IoasisException BUSY while a domain or access uses it, naming it
   */
  void destroy();

  /** A reserved range. */
  @ProviderType
  interface Reservation extends AutoCloseable {
    /** The range. */
    IovaRange range();

    @Override
    void close();
  }
}
