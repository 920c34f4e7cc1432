package org.ioasis.kit.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntConsumer;

/**
 * Gives tag ids to the nodes of a unit's tag tree: domains, and contexts under a domain.
 *
 * <pre>
 *  unit --- domain d --- its own translations            node (d, NO_CONTEXT)
 *                   \--- context c (PASID, ASID)         node (d, c)
 * </pre>
 *
 * <p>Ids only grow. A node's id is alive while it is not below the floor of its parent, so dropping
 * everything under a node is one store: its floor becomes the next id to be given. The next look at
 * a node whose id is dead gives it a new one. Cost does not depend on how many entries are cached.
 *
 * <p>Nodes live in a 4-way table of their own, one {@code long} each. A node that is crowded out
 * loses its id: its translations cannot be found any more, which is an eviction, never an error.
 * Who remembers the id could find them still, and an invalidation of addresses could not: so the
 * loss starts a new version.
 *
 * <pre>
 *  node word  62 used, 61 context?, 60:44 domain, 43:24 context, 23:0 id (0: none)
 * </pre>
 *
 * <p>When the ids are used up, a wrap raises the epoch, empties the caches and starts again at 1;
 * {@link #version} tells requests that began before.
 *
 * <p><b>Threading:</b> {@link #tag} and {@link #peek} from any thread. A node that has a living id
 * is found without a lock; a new id is given under the object's monitor, as are invalidations and
 * the wrap, so that no id of before a wrap can be stored after it. Raise the epoch before any
 * invalidation here.
 */
public final class TagTree {
  /** Instead of a context: the domain's own translations. */
  public static final int NO_CONTEXT = -1;

  /** Bits of a domain, the group in the uppermost one. */
  public static final int DOMAIN_BITS = 17;

  /**
   * Domains from here on are the second group, which {@link #invalidateGroup} drops by itself: a
   * world of its own beside the domains that a tag names. Most units have none in it.
   */
  public static final int SECOND_GROUP = 1 << (DOMAIN_BITS - 1);

  /** No tag: do not use the caches. */
  public static final int NO_TAG = 0;

  private static final VarHandle NODES = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle FLOORS = MethodHandles.arrayElementVarHandle(int[].class);
  private static final int ID_BITS = TaggedCache.TAG_BITS;
  private static final int ID_MASK = (1 << ID_BITS) - 1;
  private static final long USED = 1L << 38;
  private static final long CONTEXT_NODE = 1L << 37;
  private static final int DOMAIN_MASK = (1 << DOMAIN_BITS) - 1;
  private static final int CONTEXT_BITS = 20;
  private static final int WAYS = 4;
  private static final int PAGE_LG2 = 8;

  private final InvalidationEpoch epoch;
  private final Runnable flush;
  private final int maxId;
  private final long[] nodes;

  /** Per domain two floors: of its own node, and of its contexts. Pages come with invalidations. */
  private final AtomicReferenceArray<int[]> floors;

  private volatile int unitFloor;
  private volatile int secondFloor;
  private volatile long version;
  private int next = 1; // guarded by this

  /**
   * An empty tree.
   *
   * @param nodeCapacity nodes that can have an id at a time, a power of two, at least 4
   * @param tagBits width of an id, 4 (tests) to 24
   * @param epoch the unit's epoch
   * @param flush empties every cache that uses the ids; called by a wrap after the epoch was raised
   */
  public TagTree(int nodeCapacity, int tagBits, InvalidationEpoch epoch, Runnable flush) {
    this.epoch = epoch;
    this.flush = flush;
    this.maxId = (1 << tagBits) - 1;
    this.nodes = new long[nodeCapacity];
    this.floors = new AtomicReferenceArray<>(1 << (DOMAIN_BITS - PAGE_LG2));
  }

  /**
   * The key of a node, for {@link #tag}.
   *
   * @param domain at most {@value #DOMAIN_BITS} bits
   * @param context at most 20 bits, or {@link #NO_CONTEXT}
   */
  public static long key(int domain, int context) {
    return context == NO_CONTEXT
        ? USED | (long) domain << 20
        : USED | CONTEXT_NODE | (long) domain << 20 | context;
  }

  /**
   * The living id of a node, a new one if it has none.
   *
   * @param key {@link #key}
   * @return 1 to 2^24-1
   */
  public int tag(long key) {
    int id = peek(key);
    return id != NO_TAG ? id : renew(key);
  }

  /** The living id of a node, {@link #NO_TAG} if it has none; gives none. */
  public int peek(long key) {
    int base = base(key);
    for (int at = base; at < base + WAYS; at++) {
      long word = (long) NODES.getAcquire(nodes, at);
      if (word >>> ID_BITS == key) {
        int id = (int) word & ID_MASK;
        return isAlive(key, id) ? id : NO_TAG;
      }
    }
    return NO_TAG;
  }

  /**
   * The same for an invalidation of addresses. If the node has no id, then nobody finds anything
   * under one that it had before, when this returns.
   */
  public int peekToRemove(long key) {
    int id = peek(key);
    if (id == NO_TAG) {
      awaitRenewal();
    }
    return id;
  }

  /** Waits for the new version that a node starts which has just been crowded out. */
  private synchronized void awaitRenewal() {}

  private int find(long key) {
    int base = base(key);
    for (int at = base; at < base + WAYS; at++) {
      if ((long) NODES.getAcquire(nodes, at) >>> ID_BITS == key) {
        return at;
      }
    }
    return -1;
  }

  private int base(long key) {
    long mixed = key * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 40) & nodes.length - 1 & -WAYS;
  }

  private boolean isAlive(long key, int id) {
    int group = (key & (long) SECOND_GROUP << 20) == 0 ? unitFloor : secondFloor;
    return id != 0 && id >= group && id >= floorOf(key);
  }

  private int floorOf(long key) {
    int domain = (int) (key >>> 20) & DOMAIN_MASK;
    int[] page = floors.getAcquire(domain >>> PAGE_LG2);
    return page == null ? 0 : (int) FLOORS.getAcquire(page, floorAt(domain, key));
  }

  private static int floorAt(int domain, long key) {
    return (domain & (1 << PAGE_LG2) - 1) * 2 + ((key & CONTEXT_NODE) != 0 ? 1 : 0);
  }

  /** Gives the node a new id; a way that has the key first, then an empty, then any. */
  private synchronized int renew(long key) {
    int known = peek(key);
    if (known != NO_TAG) {
      return known; // another thread was faster
    }
    if (next > maxId) {
      wrap();
    }
    int id = next;
    next = id + 1;
    int base = base(key);
    int at = find(key);
    for (int way = 0; at < 0 && way < WAYS; way++) {
      at = (long) NODES.getAcquire(nodes, base + way) == 0 ? base + way : -1;
    }
    if (at < 0) {
      at = base + (id & WAYS - 1);
      long crowdedOut = (long) NODES.getAcquire(nodes, at);
      NODES.setRelease(nodes, at, key << ID_BITS | id);
      if (isAlive(crowdedOut >>> ID_BITS, (int) crowdedOut & ID_MASK)) {
        changed(); // not before: the node could be looked up again, and its id be remembered
      }
    } else {
      NODES.setRelease(nodes, at, key << ID_BITS | id);
    }
    return id;
  }

  /** Starts again at 1; the monitor is held. */
  private void wrap() {
    for (int at = 0; at < nodes.length; at++) {
      NODES.setVolatile(nodes, at, 0L);
    }
    changed(); // who finds an old id remembered has read the epoch before this as well
    // Whoever holds an old id has read the epoch before this: its fill is dropped or flushed.
    epoch.raise();
    flush.run();
    for (int page = 0; page < floors.length(); page++) {
      floors.set(page, null);
    }
    unitFloor = 0;
    secondFloor = 0;
    changed(); // before an old id can be given again
    next = 1;
  }

  /**
   * Starts a new version: the last act of everything that kills ids, and of an invalidation of the
   * configuration that leads to them.
   */
  public synchronized void changed() {
    version = version + 1;
  }

  /**
   * Changes whenever ids may have died or configuration has gone. An id that was alive at a version
   * is alive as long as the version stands; a request reads it before it asks for its tag and again
   * after a hit, since after a wrap the id may be another node&#39;s. Never negative.
   */
  public long version() {
    return version;
  }

  /** Drops everything of the unit. */
  public synchronized void invalidateAll() {
    unitFloor = next;
    secondFloor = next;
    changed();
  }

  /**
   * Drops everything of one group of domains.
   *
   * @param domain any domain of the group
   */
  public synchronized void invalidateGroup(int domain) {
    if (domain < SECOND_GROUP) {
      unitFloor = next;
    } else {
      secondFloor = next;
    }
    changed();
  }

  /** Drops everything of a domain: its own translations and those of its contexts. */
  public synchronized void invalidateDomain(int domain) {
    raiseFloor(domain, NO_CONTEXT);
    raiseFloor(domain, 0);
    changed();
  }

  /** Drops the translations of all contexts of a domain. */
  public synchronized void invalidateContexts(int domain) {
    raiseFloor(domain, 0);
    changed();
  }

  /** Drops everything of one node. */
  public synchronized void invalidateNode(int domain, int context) {
    long key = key(domain, context);
    int base = base(key);
    for (int at = base; at < base + WAYS; at++) {
      if ((long) NODES.getAcquire(nodes, at) >>> ID_BITS == key) {
        NODES.setRelease(nodes, at, key << ID_BITS);
      }
    }
    changed();
  }

  /**
   * Tells the living ids of the contexts of a domain: for what has no tag of its own, a range of
   * addresses of every context. The epoch has been raised before, so that a node that gets an id
   * meanwhile is not filled from before.
   */
  public void forEachContext(int domain, IntConsumer each) {
    long first = key(domain, 0);
    for (int at = 0; at < nodes.length; at++) {
      long word = (long) NODES.getAcquire(nodes, at);
      long key = word >>> ID_BITS;
      int id = (int) word & ID_MASK;
      if (key >>> CONTEXT_BITS == first >>> CONTEXT_BITS && isAlive(key, id)) {
        each.accept(id);
      }
    }
    awaitRenewal();
  }

  private void raiseFloor(int domain, int context) {
    int index = domain >>> PAGE_LG2;
    int[] page = floors.get(index);
    if (page == null) {
      page = new int[2 << PAGE_LG2];
      floors.set(index, page);
    }
    FLOORS.setVolatile(page, floorAt(domain, key(domain, context)), next);
  }
}
