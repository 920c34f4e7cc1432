package org.ioasis.domain.memory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Kept;

/**
 * Memory with a life of its own. It lives while its client holds it, a mapping leads to it, or a
 * pin holds it.
 *
 * <p><b>Threading:</b> any thread. {@link #address} and {@link #span} take no lock and allocate
 * nothing. The monitor guards references, mappers and pins, and what subclasses say; it is held
 * while frames are taken and a lender pins, never while a space is called.
 */
public abstract class Source implements MemorySource, Kept {
  /** No memory there. */
  public static final long ABSENT = -1L;

  private final Sources sources;
  private final FrameStore frames;
  private final Handle<MemorySource> handle;
  private final Client owner;
  private final String name;
  private final MemorySpec spec;
  private final long length;
  private final Map<Mapper, Long> mappers = new HashMap<>();
  private final List<long[]> pins = new ArrayList<>(); // first offset, last offset
  private int slot;
  private int wires;
  private boolean held = true;
  private boolean ended;
  private volatile boolean revoked;
  private volatile Client charged;

  /** What every source has. */
  record Identity(
      Sources sources,
      Handle<MemorySource> handle,
      Client owner,
      String name,
      MemorySpec spec,
      long length) {}

  Source(Identity identity) {
    sources = identity.sources;
    frames = identity.sources.frames();
    handle = identity.handle;
    owner = identity.owner;
    charged = owner;
    name = identity.name;
    spec = identity.spec;
    length = identity.length;
  }

  // ------------------------------------------------------------- what kinds of memory differ in

  /** Whether it may be written at all. */
  public abstract boolean writable();

  /** Whether memory may be missing or move by itself, so that faults can be answered. */
  public abstract boolean onDemand();

  /** Physical address of a byte, or {@link #ABSENT}; lock-free. */
  abstract long addressOf(long offset);

  /** log2 of the contiguous, aligned span around a byte that is present; lock-free. */
  abstract int spanOf(long offset);

  /** Whether a page may be written as it is; false for one shared with a copy. Lock-free. */
  boolean writableAt(long offset) {
    return true;
  }

  /** Tells the runs of a part that are present, in order. */
  abstract void runsOf(long offset, long length, RunSink sink);

  /**
   * Makes memory present, and writable if asked.
   *
   * @param changed told each run of offsets that has come or moved, under the monitor
   */
  abstract void fillPart(long offset, long length, boolean write, Changes changed);

  /** Gives the memory up; nothing leads to it any more. */
  abstract void giveUp();

  /** First mapping made, or memory given again after a revocation. */
  void begin() {}

  /** Last mapping removed, or memory revoked. */
  void rest() {}

  /** Takes runs that a fill has changed; old frames are let go when nobody can reach them. */
  interface Changes {
    /**
     * A run has changed.
     *
     * @param oldFrame frame to be let go afterwards, or {@link #ABSENT}
     * @param away whether what was there must be gone from every follower
     */
    void changed(long offset, long length, long oldFrame, boolean away);
  }

  // ------------------------------------------------------------- the contract of the API

  @Override
  public Handle<MemorySource> handle() {
    return handle;
  }

  /** Who made it. */
  public Client owner() {
    return owner;
  }

  /** Who is charged for its memory. */
  public Client charged() {
    return charged;
  }

  /** Charges another client from now on. */
  public void charge(Client client) {
    charged = client;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public MemorySpec spec() {
    return spec;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public String title() {
    return "source %d (%s)".formatted(handle.id(), name);
  }

  @Override
  public String toString() {
    return title();
  }

  /** Pins of accesses, and mappings of spaces that are on hardware. */
  @Override
  public long pins(long offset) {
    List<Mapper> all;
    long count;
    synchronized (this) {
      count = pins.stream().filter(p -> offset >= p[0] && offset <= p[1]).count();
      all = List.copyOf(mappers.keySet());
    }
    return count + all.stream().mapToLong(m -> m.mappings(this, offset)).sum();
  }

  @Override
  public void revoke() {
    synchronized (this) {
      if (revoked) {
        return;
      }
      revoked = true;
    }
    tell(0, length, true);
    rest();
  }

  @Override
  public void restore() {
    synchronized (this) {
      if (!revoked) {
        return;
      }
      if (!mappers.isEmpty()) {
        begin();
      }
      revoked = false;
    }
    tell(0, length, false);
  }

  @Override
  public void destroy() {
    sources.objects().destroy(handle);
  }

  @Override
  public void end() {
    synchronized (this) {
      held = false;
    }
    endIfUnused();
  }

  // ------------------------------------------------------------- for spaces

  /** Where spaces find it without a lock. */
  public int slot() {
    return slot;
  }

  void slot(int number) {
    slot = number;
  }

  /** Whether its memory is taken back now. */
  public boolean revoked() {
    return revoked;
  }

  /** Physical address of a byte, or {@link #ABSENT}; lock-free. */
  public final long address(long offset) {
    return revoked ? ABSENT : addressOf(offset);
  }

  /** Whether the page of a byte may be written as it is; lock-free. */
  public final boolean writablePage(long offset) {
    return writableAt(offset);
  }

  /** log2 of the contiguous, aligned span around a byte; lock-free. */
  public final int span(long offset) {
    return spanOf(offset);
  }

  /** Tells the runs of a part that are present, in order. */
  public final void runs(long offset, long bytes, RunSink sink) {
    if (!revoked) {
      runsOf(offset, bytes, sink);
    }
  }

  /**
   * A mapper begins to map it, or maps it once more. A source that its client has let go cannot be
   * mapped anew.
   *
   * @throws IoasisException NOT_FOUND if it has ended
   */
  public synchronized void map(Mapper mapper) {
    if (ended) {
      throw new IoasisException(Reason.NOT_FOUND, "map refused: %s has ended".formatted(title()));
    }
    if (mappers.isEmpty() && !revoked) {
      begin();
    }
    mappers.merge(mapper, 1L, Long::sum);
  }

  /** A mapping has gone, after its followers have let go. */
  public void unmap(Mapper mapper) {
    boolean last;
    synchronized (this) {
      mappers.computeIfPresent(mapper, (m, n) -> n > 1 ? n - 1 : null);
      last = mappers.isEmpty();
    }
    if (last) {
      rest();
    }
    endIfUnused();
  }

  /** Gives the memory up if nobody holds, maps or pins it. */
  public void endIfUnused() {
    synchronized (this) {
      if (held || ended || !mappers.isEmpty() || !pins.isEmpty()) {
        return;
      }
      ended = true;
    }
    giveUp();
    sources.remove(this);
    sources.objects().bury(handle);
  }

  @Override
  public synchronized boolean lingers() {
    return !ended;
  }

  /** Whether it has given its memory up. */
  final boolean hasEnded() {
    return ended;
  }

  /**
   * From now on its memory is present where it is mapped and does not move: a follower or a pin has
   * no way to fault. Counted.
   */
  public synchronized void wire(int delta) {
    wires += delta;
  }

  final boolean isWired() {
    return wires > 0;
  }

  /**
   * Makes memory present in a part, and writable if asked; every mapping of it follows.
   *
   * @return whether anything changed
   * @throws IoasisException EXHAUSTED without frames; MEMORY_FAULT if the memory cannot be had;
   *     GONE while it is revoked
   */
  public boolean fill(long offset, long bytes, boolean write) {
    if (revoked) {
      throw new IoasisException(
          Reason.GONE, "%s refused: it has been taken back".formatted(title()));
    }
    List<long[]> changes = new ArrayList<>();
    try {
      synchronized (this) {
        fillPart(
            offset,
            bytes,
            write,
            (at, n, old, away) -> changes.add(new long[] {at, n, old, away ? 1 : 0}));
      }
    } finally {
      for (long[] change : changes) {
        tell(change[0], change[1], change[3] != 0);
        if (change[2] != ABSENT) {
          frames.release(change[2]);
        }
      }
    }
    return !changes.isEmpty();
  }

  /** Tells every mapper. */
  final void tell(long offset, long bytes, boolean away) {
    List<Mapper> all;
    synchronized (this) {
      all = List.copyOf(mappers.keySet());
    }
    all.forEach(mapper -> mapper.moved(this, offset, bytes, away));
  }

  final synchronized boolean isMapped() {
    return !mappers.isEmpty();
  }

  /** A pin begins; the memory stays where it is. */
  public synchronized void pin(long offset, long bytes) {
    pins.add(new long[] {offset, offset + bytes - 1});
    wires++;
  }

  /** A pin of exactly this part ends. */
  public void unpin(long offset, long bytes) {
    synchronized (this) {
      for (int i = 0; i < pins.size(); i++) {
        if (pins.get(i)[0] == offset && pins.get(i)[1] == offset + bytes - 1) {
          pins.remove(i);
          wires--;
          break;
        }
      }
    }
    endIfUnused();
  }

  /** Where its frames come from and its memory is. */
  final FrameStore frames() {
    return frames;
  }

  /** For the next instance: is it held by its client, taken back, and what is behind it. */
  @Override
  public Object leave() {
    return new Object[] {name, spec, held, revoked, leaveMemory(), length};
  }

  /**
   * Where the memory is, for {@link #takeMemory} of the next instance; null if it needs nothing.
   */
  Object leaveMemory() {
    return null;
  }

  void takeMemory(Object left) {}

  final void take(boolean wasHeld, boolean wasRevoked, Object left) {
    held = wasHeld;
    revoked = wasRevoked;
    takeMemory(left);
  }
}
