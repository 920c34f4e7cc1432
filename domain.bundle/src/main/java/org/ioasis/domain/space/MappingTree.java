package org.ioasis.domain.space;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The mappings of one space in order of address: a B+-tree whose leaves are packed words, four per
 * mapping, so that ten million of them cost some forty bytes each and a search touches five cache
 * lines or so.
 *
 * <pre>
 *   word 0 first address        word 2 offset in the source
 *   word 1 last address         word 3 meta: 31:0 source slot, 39:32 rights, 40 hidden
 * </pre>
 *
 * <p>Every inner node knows of each child the first and last address and the widest hole between
 * mappings inside, so that a free range is found in one descent. Appending in either direction
 * leaves full leaves behind.
 *
 * <p><b>Threading:</b> writers, {@link #seek}, {@link #next} and {@link #findHole} under the
 * space's lock. {@link #translate} from any thread without a lock: it reads under a version that
 * writers make odd, and reads again if that has changed.
 */
final class MappingTree {
  /** A mapping that must not be seen: being made or being removed. */
  static final long HIDDEN = 1L << 40;

  /** Most mappings in a leaf, and most children of a node. */
  static final int FAN = 64;

  private static final int RIGHTS_SHIFT = 32;
  private static final int WORDS = 4;
  private static final int LOW = FAN / 4;
  private static final int MERGED = FAN * 3 / 4;
  private static final int MAX_DEPTH = 16;
  private static final VarHandle VERSION;

  static {
    try {
      VERSION = MethodHandles.lookup().findVarHandle(MappingTree.class, "version", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private abstract static class Node {
    int count;
  }

  private static final class Leaf extends Node {
    final long[] words = new long[FAN * WORDS];
  }

  private static final class Inner extends Node {
    final Node[] child = new Node[FAN];
    final long[] first = new long[FAN];
    final long[] last = new long[FAN];
    final long[] gap = new long[FAN];
  }

  /** A place in the tree with what is there; reused by its owner. */
  static final class Cursor {
    long first;
    long last;
    long offset;
    long meta;
    private Leaf leaf;
    private int index;
    private long changes = -1;

    int slot() {
      return (int) meta;
    }

    int rights() {
      return rightsOf(meta);
    }

    boolean hidden() {
      return (meta & HIDDEN) != 0;
    }
  }

  /** Mappings that follow each other, as they were when they were copied; reused by its owner. */
  static final class Run {
    private final long[] words = new long[FAN * WORDS];
    private int size;

    /** How many; at most {@link #FAN}. */
    int size() {
      return size;
    }

    long first(int i) {
      return words[i * WORDS];
    }

    long last(int i) {
      return words[i * WORDS + 1];
    }

    long offset(int i) {
      return words[i * WORDS + 2];
    }

    int slot(int i) {
      return (int) words[i * WORDS + 3];
    }

    int rights(int i) {
      return rightsOf(words[i * WORDS + 3]);
    }
  }

  /** Turns a mapping and an address in it into an answer, inside a versioned read. */
  interface Resolver {
    /**
     * An answer; must neither throw, lock nor allocate, whatever it is given.
     *
     * @param meta of the mapping
     * @param offset of the address in the source
     * @param wanted rights asked for
     * @param before bytes of the mapping below the address
     * @param behind bytes of the mapping above it
     */
    long resolve(long meta, long offset, long address, int wanted, long before, long behind);
  }

  private Node root = new Leaf();
  private int depth; // inner levels above the leaves
  private long size;
  private long changes;
  private long nodes = 1;
  private long hole;

  @SuppressWarnings("unused") // by VERSION
  private long version;

  private final Inner[] path = new Inner[MAX_DEPTH];
  private final int[] at = new int[MAX_DEPTH];

  static long meta(int slot, int rights) {
    return (slot & 0xFFFF_FFFFL) | (long) rights << RIGHTS_SHIFT;
  }

  static int rightsOf(long meta) {
    return (int) (meta >>> RIGHTS_SHIFT) & 0xFF;
  }

  static long withRights(long meta, int rights) {
    return (meta & ~(0xFFL << RIGHTS_SHIFT)) | ((long) rights << RIGHTS_SHIFT);
  }

  long size() {
    return size;
  }

  /** Bytes of the packed arrays, for measurements. */
  long bytes() {
    return nodes * (FAN * WORDS * Long.BYTES + 40);
  }

  // ---------------------------------------------------------------- search

  private static int upper(long[] keys, int stride, int count, long address) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(keys[middle * stride], address) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The leaf that an address belongs to; the path to it is noted. */
  private Leaf descend(long address) {
    Node node = root;
    for (int level = 0; level < depth; level++) {
      Inner inner = (Inner) node;
      int i = Math.max(0, upper(inner.first, 1, inner.count, address) - 1);
      path[level] = inner;
      at[level] = i;
      node = inner.child[i];
    }
    return (Leaf) node;
  }

  /** Sets the cursor to the first mapping that ends at or behind an address. */
  boolean seek(long address, Cursor cursor) {
    Leaf leaf = descend(address);
    int i = Math.max(0, upper(leaf.words, WORDS, leaf.count, address) - 1);
    if (i < leaf.count && Long.compareUnsigned(leaf.words[i * WORDS + 1], address) < 0) {
      i++;
    }
    if (i >= leaf.count) {
      leaf = nextLeaf();
      i = 0;
      if (leaf == null) {
        return false;
      }
    }
    return load(leaf, i, cursor);
  }

  /** The leaf behind the one the path leads to, or null. */
  private Leaf nextLeaf() {
    for (int level = depth - 1; level >= 0; level--) {
      if (at[level] + 1 < path[level].count) {
        Node node = path[level].child[++at[level]];
        while (node instanceof Inner inner) {
          path[++level] = inner;
          at[level] = 0;
          node = inner.child[0];
        }
        return (Leaf) node;
      }
    }
    return null;
  }

  private boolean load(Leaf leaf, int i, Cursor cursor) {
    int w = i * WORDS;
    cursor.first = leaf.words[w];
    cursor.last = leaf.words[w + 1];
    cursor.offset = leaf.words[w + 2];
    cursor.meta = leaf.words[w + 3];
    cursor.leaf = leaf;
    cursor.index = i;
    cursor.changes = changes;
    return true;
  }

  /** Moves to the next mapping, also after changes elsewhere. */
  boolean next(Cursor cursor) {
    if (cursor.changes == changes && cursor.index + 1 < cursor.leaf.count) {
      return load(cursor.leaf, cursor.index + 1, cursor);
    }
    return cursor.last != -1L && seek(cursor.last + 1, cursor);
  }

  /** Whether a mapping meets the range; the cursor is at the first one then. */
  boolean meets(long first, long last, Cursor cursor) {
    return seek(first, cursor) && Long.compareUnsigned(cursor.first, last) <= 0;
  }

  /**
   * Copies the first mappings that meet a range: those of one leaf, since that takes no longer than
   * a look at one of them. There may be more behind.
   *
   * @return whether one meets it
   */
  boolean copy(long first, long last, Cursor cursor, Run run) {
    if (!meets(first, last, cursor)) {
      run.size = 0;
      return false;
    }
    long[] words = cursor.leaf.words;
    run.size = upper(words, WORDS, cursor.leaf.count, last) - cursor.index;
    System.arraycopy(words, cursor.index * WORDS, run.words, 0, run.size * WORDS);
    return true;
  }

  // ---------------------------------------------------------------- lock-free reads

  /**
   * What the resolver makes of the mapping at an address.
   *
   * @param rights that the mapping must have
   * @param none the answer if there is no such mapping
   */
  long translate(long address, int rights, long none, Resolver resolver) {
    while (true) {
      long before = (long) VERSION.getAcquire(this);
      if ((before & 1) == 0) {
        long answer = tryTranslate(address, rights, none, resolver);
        VarHandle.acquireFence();
        if ((long) VERSION.getOpaque(this) == before) {
          return answer;
        }
      }
      Thread.onSpinWait();
    }
  }

  private long tryTranslate(long address, int rights, long none, Resolver resolver) {
    Node node = root;
    for (int level = 0; node instanceof Inner inner; level++) {
      int count = Math.min(inner.count, FAN);
      int i = Math.max(0, upper(inner.first, 1, count, address) - 1);
      node = inner.child[i];
      if (level == MAX_DEPTH) {
        return none; // torn; the version says so
      }
    }
    if (!(node instanceof Leaf leaf)) {
      return none;
    }
    int w = (upper(leaf.words, WORDS, Math.min(leaf.count, FAN), address) - 1) * WORDS;
    if (w < 0 || Long.compareUnsigned(leaf.words[w + 1], address) < 0) {
      return none;
    }
    long meta = leaf.words[w + 3];
    if ((meta & HIDDEN) != 0 || (rightsOf(meta) & rights) != rights) {
      return none;
    }
    long first = leaf.words[w];
    return resolver.resolve(
        meta,
        leaf.words[w + 2] + (address - first),
        address,
        rights,
        address - first,
        leaf.words[w + 1] - address);
  }

  private void beginWrite() {
    VERSION.setOpaque(this, version + 1);
    VarHandle.storeStoreFence();
    changes++;
  }

  private void endWrite() {
    VERSION.setRelease(this, version + 1);
  }

  // ---------------------------------------------------------------- changes

  /** Adds a mapping that meets no other. */
  void insert(long first, long last, long offset, long meta) {
    beginWrite();
    Leaf leaf = descend(first);
    int i = upper(leaf.words, WORDS, leaf.count, first);
    if (leaf.count == FAN) {
      split(leaf, i);
      leaf = descend(first);
      i = upper(leaf.words, WORDS, leaf.count, first);
    }
    int w = i * WORDS;
    System.arraycopy(leaf.words, w, leaf.words, w + WORDS, (leaf.count - i) * WORDS);
    leaf.words[w] = first;
    leaf.words[w + 1] = last;
    leaf.words[w + 2] = offset;
    leaf.words[w + 3] = meta;
    leaf.count++;
    refresh();
    size++;
    endWrite();
  }

  /** Removes the mapping that begins at an address. */
  void remove(long first) {
    beginWrite();
    Leaf leaf = descend(first);
    int i = upper(leaf.words, WORDS, leaf.count, first) - 1;
    if (i < 0 || leaf.words[i * WORDS] != first) {
      endWrite();
      throw new AssertionError("mapping tree: nothing begins at 0x%x".formatted(first));
    }
    int w = i * WORDS;
    System.arraycopy(leaf.words, w + WORDS, leaf.words, w, (leaf.count - i - 1) * WORDS);
    leaf.count--;
    size--;
    shrink(leaf);
    endWrite();
  }

  /** Replaces the meta word of the mapping that begins at an address. */
  void setMeta(long first, long meta) {
    beginWrite();
    Leaf leaf = descend(first);
    int i = upper(leaf.words, WORDS, leaf.count, first) - 1;
    leaf.words[i * WORDS + 3] = meta;
    endWrite();
  }

  /** Forgets everything. */
  void clear() {
    beginWrite();
    root = new Leaf();
    depth = 0;
    size = 0;
    nodes = 1;
    endWrite();
  }

  private static Leaf copyTail(Leaf from, int cut) {
    Leaf to = new Leaf();
    to.count = from.count - cut;
    System.arraycopy(from.words, cut * WORDS, to.words, 0, to.count * WORDS);
    from.count = cut;
    return to;
  }

  private static Inner copyTail(Inner from, int cut) {
    Inner to = new Inner();
    to.count = from.count - cut;
    move(from, cut, to, 0, to.count);
    for (int i = cut; i < from.count; i++) {
      from.child[i] = null;
    }
    from.count = cut;
    return to;
  }

  private static void move(Inner from, int source, Inner to, int target, int count) {
    System.arraycopy(from.child, source, to.child, target, count);
    System.arraycopy(from.first, source, to.first, target, count);
    System.arraycopy(from.last, source, to.last, target, count);
    System.arraycopy(from.gap, source, to.gap, target, count);
  }

  /**
   * Where to cut a full node when something is put at place {@code i}: appending leaves it full.
   */
  private static int cut(int i) {
    return i == FAN ? FAN - 1 : i == 0 ? 1 : FAN / 2;
  }

  /** Splits a full leaf and, above it, every full node on the path. */
  private void split(Leaf leaf, int i) {
    Node left = leaf;
    Node right = copyTail(leaf, cut(i));
    nodes++;
    for (int level = depth - 1; level >= 0; level--) {
      Inner parent = path[level];
      int place = at[level];
      summarize(parent, place, left);
      Inner upper = null;
      if (parent.count == FAN) {
        upper = copyTail(parent, cut(place + 1 == FAN ? FAN : place));
        if (place >= parent.count) {
          place -= parent.count;
          insertChild(upper, place + 1, right);
        } else {
          insertChild(parent, place + 1, right);
        }
      } else {
        insertChild(parent, place + 1, right);
      }
      if (upper == null) {
        refreshFrom(level - 1);
        return;
      }
      left = parent;
      right = upper;
    }
    Inner top = new Inner();
    top.count = 2;
    summarize(top, 0, left);
    summarize(top, 1, right);
    root = top;
    depth++;
  }

  private static void insertChild(Inner parent, int place, Node child) {
    move(parent, place, parent, place + 1, parent.count - place);
    parent.count++;
    summarize(parent, place, child);
  }

  private static void removeChild(Inner parent, int place) {
    move(parent, place + 1, parent, place, parent.count - place - 1);
    parent.child[--parent.count] = null;
  }

  /** Writes what a parent knows of a child. */
  private static void summarize(Inner parent, int place, Node child) {
    parent.child[place] = child;
    if (child instanceof Leaf leaf) {
      long[] w = leaf.words;
      int end = leaf.count * WORDS;
      long gap = 0;
      for (int i = WORDS; i < end; i += WORDS) {
        long between = w[i] - w[i - WORDS + 1] - 1;
        gap = Long.compareUnsigned(between, gap) > 0 ? between : gap;
      }
      parent.first[place] = w[0];
      parent.last[place] = w[end - WORDS + 1];
      parent.gap[place] = gap;
    } else {
      Inner inner = (Inner) child;
      long gap = inner.gap[0];
      for (int i = 1; i < inner.count; i++) {
        long between = inner.first[i] - inner.last[i - 1] - 1;
        gap = Long.compareUnsigned(between, gap) > 0 ? between : gap;
        gap = Long.compareUnsigned(inner.gap[i], gap) > 0 ? inner.gap[i] : gap;
      }
      parent.first[place] = inner.first[0];
      parent.last[place] = inner.last[inner.count - 1];
      parent.gap[place] = gap;
    }
  }

  private void refresh() {
    refreshFrom(depth - 1);
  }

  /** Writes the summaries along the path, from a level up; ends where nothing changes. */
  private void refreshFrom(int from) {
    for (int level = from; level >= 0; level--) {
      Inner inner = path[level];
      int i = at[level];
      long first = inner.first[i];
      long last = inner.last[i];
      long gap = inner.gap[i];
      summarize(inner, i, inner.child[i]);
      if (first == inner.first[i] && last == inner.last[i] && gap == inner.gap[i]) {
        return;
      }
    }
  }

  /** After a removal: drops an empty leaf, merges a thin one, and mends the path. */
  private void shrink(Leaf leaf) {
    Node node = leaf;
    for (int level = depth - 1; level >= 0; level--) {
      Inner parent = path[level];
      int place = at[level];
      if (node.count == 0) {
        removeChild(parent, place);
        nodes--;
      } else {
        summarize(parent, place, node);
        if (node.count < LOW) {
          mergeWithNeighbour(parent, place);
        }
      }
      node = parent;
    }
    while (depth > 0 && root.count <= 1) {
      root = root.count == 0 ? new Leaf() : ((Inner) root).child[0];
      depth = root instanceof Leaf ? 0 : depth - 1;
    }
  }

  private void mergeWithNeighbour(Inner parent, int place) {
    int left = place + 1 < parent.count ? place : place - 1;
    if (left < 0 || parent.child[left].count + parent.child[left + 1].count > MERGED) {
      return;
    }
    if (parent.child[left] instanceof Leaf into) {
      Leaf from = (Leaf) parent.child[left + 1];
      System.arraycopy(from.words, 0, into.words, into.count * WORDS, from.count * WORDS);
      into.count += from.count;
    } else {
      Inner into = (Inner) parent.child[left];
      Inner from = (Inner) parent.child[left + 1];
      move(from, 0, into, into.count, from.count);
      into.count += from.count;
    }
    removeChild(parent, left + 1);
    nodes--;
    summarize(parent, left, parent.child[left]);
  }

  // ---------------------------------------------------------------- holes

  /**
   * Finds the lowest free range.
   *
   * @param low first address to use
   * @param high last address to use
   * @param length bytes, not 0
   * @param alignLg2 log2 of the alignment; up to the alignment that all mappings have, one descent
   *     finds it, above it holes that are wide enough but lie badly are tried one by one
   * @return whether there is one; {@link #hole} is its first address
   */
  boolean findHole(long low, long high, long length, int alignLg2) {
    if (root.count == 0) {
      return fits(low, high, length, alignLg2);
    }
    long first = root instanceof Leaf leaf ? leaf.words[0] : ((Inner) root).first[0];
    if (first != 0 && fits(low, min(high, first - 1), length, alignLg2)) {
      return true;
    }
    if (search(root, low, high, length, alignLg2)) {
      return true;
    }
    long last =
        root instanceof Leaf leaf
            ? leaf.words[(leaf.count - 1) * WORDS + 1]
            : ((Inner) root).last[root.count - 1];
    return last != -1L && fits(max(low, last + 1), high, length, alignLg2);
  }

  /** The result of the last {@link #findHole}. */
  long hole() {
    return hole;
  }

  private static long min(long a, long b) {
    return Long.compareUnsigned(a, b) <= 0 ? a : b;
  }

  private static long max(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private boolean fits(long low, long high, long length, int alignLg2) {
    if (Long.compareUnsigned(low, high) > 0) {
      return false;
    }
    long mask = (1L << alignLg2) - 1;
    long start = (low + mask) & ~mask;
    if (Long.compareUnsigned(start, low) < 0
        || Long.compareUnsigned(start, high) > 0
        || Long.compareUnsigned(high - start, length - 1) < 0) {
      return false;
    }
    hole = start;
    return true;
  }

  private boolean search(Node node, long low, long high, long length, int alignLg2) {
    if (node instanceof Leaf leaf) {
      long[] w = leaf.words;
      int from = Math.max(1, upper(w, WORDS, leaf.count, low));
      for (int i = from;
          i < leaf.count && Long.compareUnsigned(w[(i - 1) * WORDS + 1], high) < 0;
          i++) {
        long start = w[(i - 1) * WORDS + 1] + 1;
        if (fits(max(low, start), min(high, w[i * WORDS] - 1), length, alignLg2)
            && start != w[i * WORDS]) {
          return true;
        }
      }
      return false;
    }
    Inner inner = (Inner) node;
    int from = Math.max(0, upper(inner.first, 1, inner.count, low) - 1);
    for (int i = from; i < inner.count; i++) {
      if (Long.compareUnsigned(inner.first[i], high) > 0) {
        return false;
      }
      if (Long.compareUnsigned(inner.gap[i], length) >= 0
          && Long.compareUnsigned(inner.last[i], low) > 0
          && search(inner.child[i], low, high, length, alignLg2)) {
        return true;
      }
      if (i + 1 < inner.count && inner.last[i] + 1 != inner.first[i + 1]) {
        long start = max(low, inner.last[i] + 1);
        if (fits(start, min(high, inner.first[i + 1] - 1), length, alignLg2)) {
          return true;
        }
      }
    }
    return false;
  }
}
