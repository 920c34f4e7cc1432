package org.ioasis.domain.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.domain.client.Client;

/**
 * All sources: makes them, and finds them by the small number that mappings carry.
 *
 * <p><b>Threading:</b> any thread. {@link #at} takes no lock: a slot is stored with release and
 * given away only after every mapping of the source has gone.
 */
public final class Sources {
  private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(Source[].class);

  private final org.ioasis.domain.client.Objects objects;
  private final Supplier<FrameStore> frames;
  private final Deque<Integer> free = new ArrayDeque<>();
  private volatile Source[] slots = new Source[64];
  private int used;

  /**
   * @param objects the table of identities
   * @param frames frames and memory; throws GONE while there is no machine
   */
  public Sources(org.ioasis.domain.client.Objects objects, Supplier<FrameStore> frames) {
    this.objects = Objects.requireNonNull(objects, "objects");
    this.frames = Objects.requireNonNull(frames, "frames");
  }

  /** The table of identities. */
  public org.ioasis.domain.client.Objects objects() {
    return objects;
  }

  /** Frames and memory. */
  public FrameStore frames() {
    return frames.get();
  }

  /** The living source of a handle. */
  public Source find(Handle<MemorySource> handle) {
    return objects.find(handle, Source.class);
  }

  /** All sources, also those that only their mappings keep alive. */
  public synchronized List<Source> all() {
    return Arrays.stream(slots).filter(source -> source != null).toList();
  }

  /** The source in a slot, or null; lock-free. */
  public Source at(int slot) {
    Source[] now = slots;
    return slot < 0 || slot >= now.length ? null : (Source) SLOTS.getAcquire(now, slot);
  }

  /**
   * Makes a source.
   *
   * @throws IoasisException as {@link org.ioasis.api.domain.IoasService#createSource}
   */
  public Source create(Client owner, String name, MemorySpec spec) {
    if ((spec instanceof MemorySpec.Region || spec instanceof MemorySpec.Foreign)
        && !owner.trusted()) {
      throw new IoasisException(
          Reason.DENIED,
          "source %s refused: %s names physical memory and is not trusted with it"
              .formatted(name, owner));
    }
    if (spec instanceof MemorySpec.File file) {
      FileSource.check(file);
    }
    return objects.enter(
        MemorySource.class, owner, handle -> enter(prepared(owner, name, spec, handle)));
  }

  private Source prepared(Client owner, String name, MemorySpec spec, Handle<MemorySource> handle) {
    Source source = make(owner, name, spec, handle, lengthOf(spec));
    boolean ready = false;
    try {
      if (spec instanceof MemorySpec.Anonymous anonymous && !anonymous.onDemand()) {
        source.fill(0, source.length(), true);
      } else if (spec instanceof MemorySpec.CopyOf copy) {
        ((PagedSource) source).copyFrom(find(copy.original()));
      }
      ready = true;
    } finally {
      if (!ready) {
        source.giveUp();
      }
    }
    return source;
  }

  private long lengthOf(MemorySpec spec) {
    if (spec instanceof MemorySpec.Region region) {
      return region.length();
    }
    if (spec instanceof MemorySpec.Anonymous anonymous) {
      return anonymous.length();
    }
    if (spec instanceof MemorySpec.File file) {
      return file.length();
    }
    if (spec instanceof MemorySpec.Foreign foreign) {
      return foreign.memory().length();
    }
    return find(((MemorySpec.CopyOf) spec).original()).length();
  }

  private Source make(
      Client owner, String name, MemorySpec spec, Handle<MemorySource> handle, long length) {
    Source.Identity identity = new Source.Identity(this, handle, owner, name, spec, length);
    if (spec instanceof MemorySpec.Region region) {
      return new RegionSource(identity, region);
    }
    if (spec instanceof MemorySpec.Foreign foreign) {
      return new ForeignSource(identity, foreign);
    }
    if (spec instanceof MemorySpec.File file) {
      return new FileSource(identity, file);
    }
    boolean onDemand = !(spec instanceof MemorySpec.Anonymous anonymous) || anonymous.onDemand();
    return new PagedSource(identity, onDemand);
  }

  private synchronized Source enter(Source source) {
    Integer slot = free.poll();
    if (slot == null) {
      slot = used++;
      if (slot == slots.length) {
        slots = Arrays.copyOf(slots, used * 2);
      }
    }
    source.slot(slot);
    SLOTS.setRelease(slots, slot.intValue(), source);
    return source;
  }

  synchronized void remove(Source source) {
    SLOTS.setRelease(slots, source.slot(), null);
    free.add(source.slot());
  }

  /** A source as another instance of the bundle left it. */
  public Source take(Client owner, Handle<MemorySource> handle, Object left) {
    Object[] parts = (Object[]) left;
    Source source = make(owner, (String) parts[0], (MemorySpec) parts[1], handle, (long) parts[5]);
    source.take((boolean) parts[2], (boolean) parts[3], parts[4]);
    return enter(source);
  }
}
