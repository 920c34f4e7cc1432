package org.ioasis.domain;

import java.security.SecureRandom;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Access;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.memory.FrameStore;
import org.ioasis.domain.memory.Source;
import org.ioasis.domain.memory.Sources;
import org.ioasis.domain.space.KindLimits;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.space.Spaces;

/**
 * What spaces, domains and devices stand on: the table of identities, sources and spaces, and the
 * machine while there is one. Knows no OSGi.
 *
 * <p><b>Threading:</b> any thread; {@link #machine(Machine)} and the hand-over by whoever starts
 * and stops the bundle.
 */
public final class Foundations {
  private static final int VERSION = 1;
  private static final String FRAME_OWNER = "org.ioasis.domain memory";

  private final Objects objects;
  private final Sources sources;
  private final Spaces spaces;
  private final AtomicReference<FrameStore> frames = new AtomicReference<>();
  private Machine machine;

  /**
   * Empty ones.
   *
   * @param recordStacks whether objects remember where they were made
   * @param mappingLimit most mappings of one client
   * @param followers told when page tables begin and cease to follow
   */
  public Foundations(boolean recordStacks, long mappingLimit, Space.FollowerListener followers) {
    objects = new Objects(new SecureRandom()::nextLong, recordStacks);
    sources = new Sources(objects, this::frames);
    spaces = new Spaces(objects, sources, KindLimits.UNKNOWN, followers, mappingLimit);
  }

  private FrameStore frames() {
    FrameStore now = frames.get();
    if (now == null) {
      throw new IoasisException(
          Reason.GONE, "memory refused: the platform's machine is not there; start machine.bundle");
    }
    return now;
  }

  /** The table of identities. */
  public Objects objects() {
    return objects;
  }

  /** All sources. */
  public Sources sources() {
    return sources;
  }

  /** All spaces. */
  public Spaces spaces() {
    return spaces;
  }

  /**
   * The machine has come, or with null has gone. With it went all memory: what sources held is
   * lost, their mappings stay as empty ones.
   */
  public void machine(Machine now) {
    FrameStore old = frames.getAndSet(null);
    if (old != null) {
      old.close();
      sources.all().forEach(Source::revoke);
    }
    machine = now;
    if (now != null) {
      frames.set(new FrameStore(now.memory(), now.frames(FRAME_OWNER)));
    }
  }

  /**
   * Ends this instance and tells what the next one needs. What page tables hold is left as it is.
   */
  public Map<String, Object> leave() {
    Map<String, Object> left = new HashMap<>();
    left.put("version", VERSION);
    left.put("objects", objects.leave());
    left.put("options", spaces.options().leave());
    FrameStore store = frames.get();
    if (store != null) {
      left.put("machine", machine);
      left.put("allocator", store.frames());
      left.put("frames", store.leave());
    }
    return left;
  }

  /**
   * Goes on with what another instance left, on the same machine.
   *
   * @param revivers of further kinds of objects
   * @return false if it cannot: another form, or memory that has gone with its machine
   */
  @SuppressWarnings("unchecked") // leave() has put it there
  public boolean take(
      Map<String, Object> left,
      Machine now,
      Map<Class<?>, Objects.Reviver> revivers,
      BiFunction<Long, String, Client> clients) {
    if (!Integer.valueOf(VERSION).equals(left.get("version")) || left.get("machine") != now) {
      if (left.get("allocator") instanceof FrameAllocator abandoned) {
        abandoned.close();
      }
      return false;
    }
    machine = now;
    if (now != null) {
      FrameStore store = new FrameStore(now.memory(), (FrameAllocator) left.get("allocator"));
      store.take(left.get("frames"));
      frames.set(store);
    }
    Map<Class<?>, Objects.Reviver> all = new LinkedHashMap<>();
    all.put(
        MemorySource.class,
        (handle, owner, state) -> sources.take(owner, (Handle<MemorySource>) handle, state));
    all.put(
        AddressSpace.class,
        (handle, owner, state) -> spaces.take(owner, (Handle<AddressSpace>) handle, state));
    all.put(
        Access.class, (handle, owner, state) -> spaces.takeAccess((Handle<Access>) handle, state));
    all.putAll(revivers);
    objects.take((Map<String, Object>) left.get("objects"), all, clients);
    spaces.options().take(left.get("options"));
    sources.all().forEach(Source::endIfUnused);
    return true;
  }
}
