package org.ioasis.amdvi.hardware;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.MachineMemory;

/**
 * Random structures, valid and damaged, in a few pages: tables that share, loop, lead nowhere, hold
 * garbage. A seed gives the same world again.
 */
final class RandomStructures {
  private static final int PAGES = 64;
  private static final long FIRST = 0x10_0000;

  /** Where the kinds of tables lie. */
  private static final int HOST = 16, GUEST = 34, GCR3 = 52, IDENTITY = 58;

  private static final int[] INDEXES = {0, 1, 2, 0x7E, 0x7F, 0x1F7, 0x1FF};
  private static final int[] SOURCES = {0x20, 0x21, 0x85, 0x329};

  /** Far apart, so that damage does not give two tables one tag: those share translations. */
  private static final int[] DOMAINS = {0x11, 0x22, 0x44, 0x88};

  private static final long[] EFRS = {
    AmdviProfiles.FULL_EFR,
    AmdviProfiles.FULL_EFR,
    0x29D3,
    0xC4,
    AmdviProfiles.FULL_EFR & ~(1L << 3 | 1L << 37 | 3L << 12 | 3L << 14),
    AmdviProfiles.FULL_EFR & ~(1L << 48 | 1L << 52),
    AmdviProfiles.FULL_EFR & ~(1L << 10 | 1L << 35)
  };

  private final SplittableRandom random;
  private final List<Long> written = new ArrayList<>();

  final Rig rig;

  RandomStructures(long seed) {
    this(seed, memory -> memory);
  }

  /** The same, the unit before a memory that watches what it loads. */
  RandomStructures(long seed, UnaryOperator<MachineMemory> watch) {
    random = new SplittableRandom(seed);
    Map<String, Long> parameters =
        random.nextInt(3) == 0
            ? Map.of(
                Choices.BAD_MODE, random.nextLong(2),
                Choices.BEYOND_TABLE, random.nextLong(2),
                Choices.TV_0, random.nextLong(2),
                Choices.EXCLUSION, random.nextLong(2),
                Choices.BEYOND_WIDTH, random.nextLong(2),
                Choices.PASID_WITHOUT_GV, random.nextLong(8))
            : Map.of();
    Profile profile =
        new Profile(
            "amdvi",
            "random",
            Map.of(
                "EXT_FEATURES", EFRS[random.nextInt(EFRS.length)],
                "EXT_FEATURES_2", AmdviProfiles.FULL_EFR2,
                "CAP", AmdviProfiles.FULL_HEADER),
            parameters,
            List.of(),
            0);
    rig = new Rig(profile, Scheduler.Mode.INLINE, watch);
    registers();
    for (int i = 0; i < SOURCES.length; i++) {
      device(FIRST + SOURCES[i] * 32L, DOMAINS[i]);
    }
    tables();
    for (int damage = random.nextInt(3); damage > 0; damage--) {
      damage();
    }
  }

  /** Turns one bit of what was written. */
  void damage() {
    long at = written.get(random.nextInt(written.size()));
    rig.poke(at, rig.peek(at) ^ 1L << random.nextInt(64));
  }

  private boolean rarely() {
    return random.nextInt(12) == 0;
  }

  private long chance(int oneIn, long bits) {
    return random.nextInt(oneIn) == 0 ? bits : 0;
  }

  private void put(long address, long word) {
    written.add(address);
    rig.poke(address, word);
  }

  private void registers() {
    rig.start(0x149DL | 1 << 16 | chance(2, 1L << 58));
    rig.w64(0x00, FIRST | 7); // 1024 entries
    if (random.nextInt(4) == 0) {
      rig.w64(0x28, 0x203000);
      rig.w64(0x20, 0x200001 | chance(2, 2));
    }
  }

  private long page(int group, int count) {
    return random.nextInt(60) == 0
        ? random.nextLong() & 0x000F_FFFF_FFFF_F000L
        : FIRST + (group + random.nextInt(count)) * 0x1000L;
  }

  private long host() {
    return page(HOST, GUEST - HOST);
  }

  private long guest() {
    return page(GUEST, GCR3 - GUEST);
  }

  /** Each level has two pages of its own, so that no v2 walk marks an entry of theirs. */
  private long gcr3(int level) {
    return page(GCR3 + 2 * level, 2);
  }

  private void device(long at, int domain) {
    int kind = random.nextInt(4);
    boolean nested = kind == 2;
    long mode = kind == 1 || (kind == 3 && rarely()) ? 0 : 2 + random.nextInt(5);
    mode = rarely() ? random.nextInt(8) : nested ? 3 : mode;
    long root = nested && !rarely() ? FIRST + IDENTITY * 0x1000L : host();
    long rights = random.nextInt(5) == 0 ? random.nextLong(4) : 3;
    int glx = random.nextInt(3);
    long table = gcr3(glx);
    long guestBits =
        kind == 0
            ? chance(6, 1L << 55)
            : 1L << 55 | chance(3, 1L << 54) | (long) glx << 56 | (table >>> 12 & 7) << 58;
    long word0 =
        root
            | mode << 9
            | rights << 61
            | (rarely() ? random.nextLong(4) : 3)
            | chance(2, (random.nextLong(4) << 7 & ~(1L << 7)) | 1L << 7)
            | chance(4, 1L << 52)
            | guestBits;
    long word1 =
        domain
            | (kind == 0 ? 0 : (table >>> 15 & 0xFFFF) << 16 | table >>> 31 << 43)
            | chance(2, 1L << 32)
            | chance(10, 1L << 34)
            | chance(3, 1L << 39)
            | chance(30, 3L << 35);
    put(at, word0);
    put(at + 8, word1);
    put(at + 16, chance(3, random.nextLong(4) << 54));
  }

  private void tables() {
    for (int page = HOST; page < GUEST; page++) {
      for (int index : INDEXES) {
        put(FIRST + page * 0x1000L + index * 8L, hostEntry());
      }
      if (random.nextBoolean()) {
        explicitPage(FIRST + page * 0x1000L);
      }
    }
    for (int page = GUEST; page < GCR3; page++) {
      for (int index : INDEXES) {
        put(FIRST + page * 0x1000L + index * 8L, guestEntry());
      }
    }
    for (int page = GCR3; page < IDENTITY; page++) {
      for (int index : new int[] {0, 1, 2, 3, 511}) {
        int level = (page - GCR3) / 2;
        long target = level == 0 ? guest() : gcr3(level - 1);
        put(FIRST + page * 0x1000L + index * 8L, target | (rarely() ? random.nextLong(4) : 1));
      }
    }
    identity();
  }

  /** Host tables under guest ones: every page where it is, with other rights here and there. */
  private void identity() {
    long table = FIRST + IDENTITY * 0x1000L;
    put(table, table + 0x1000 | 0x6000_0000_0000_0401L);
    put(table + 0x1000, table + 0x2000 | 0x6000_0000_0000_0201L);
    for (int page = 0; page < PAGES; page++) {
      long rights = random.nextInt(8) == 0 ? random.nextLong(4) : 3;
      long target = random.nextInt(10) == 0 ? guest() : FIRST + page * 0x1000L;
      put(table + 0x2000 + (0x100 + page) * 8L, target | rights << 61 | (rarely() ? 0 : 1));
    }
  }

  /** One page of explicit size with all its replicas: those that differ have no meaning. */
  private void explicitPage(long table) {
    int size = 13 + random.nextInt(30);
    long code = (1L << (size - 1)) - 1 & -(1L << 12);
    long rights = (random.nextInt(6) == 0 ? random.nextLong(4) : 3) << 61;
    long entry = ((random.nextLong(1L << 40) & -(1L << size)) | code) | rights | 0xE01;
    int replicas = 1 << (size - 12) % 9;
    int first = INDEXES[random.nextInt(INDEXES.length)] & -replicas;
    for (int index = first; index < first + replicas; index++) {
      long at = table + index * 8L;
      written.remove(at);
      rig.poke(at, entry);
    }
  }

  private long hostEntry() {
    long rights = (random.nextInt(6) == 0 ? random.nextLong(4) : 3) << 61;
    return switch (random.nextInt(14)) {
      case 0 -> random.nextLong() & ~1L;
      case 1 -> 0;
      case 2 -> (random.nextLong() & ~0xE00L) | 1;
      case 3, 4 -> // a page of its level's size
          host() | rights | 1 | (random.nextLong(0x80) & 0x60);
      case 7 -> host() | rights | 1 | 1L << random.nextInt(64);
      default -> host() | rights | 1 | (1 + random.nextLong(5)) << 9;
    };
  }

  private long guestEntry() {
    long flags = 0x27 | (random.nextInt(6) == 0 ? random.nextLong(8) : 7);
    return switch (random.nextInt(14)) {
      case 0 -> random.nextLong() & ~1L;
      case 1 -> 0;
      case 2 -> guest() | (flags & random.nextLong(256));
      case 3, 4 -> random.nextLong(4) * 0x4000_0000L | flags | 0x80;
      case 5 -> guest() | flags | 1L << random.nextInt(64);
      case 6 -> guest() | (flags & ~0x60L);
      default -> guest() | flags;
    };
  }

  /** A request that meets these structures more often than not. */
  DmaRequest request() {
    long iova = random.nextInt(0x1000) & -4;
    int levels = 1 + random.nextInt(6);
    for (int level = 0; level < levels; level++) {
      iova |= (long) INDEXES[random.nextInt(INDEXES.length)] << (12 + 9 * level);
    }
    iova |= (iova >> 47 & 1) != 0 && random.nextBoolean() ? -1L << 48 : 0;
    if (random.nextInt(8) == 0) {
      iova = FIRST + random.nextInt(2 * PAGES) * 0x1000L + (iova & 0xFFF);
    }
    iova = rarely() ? random.nextLong() : iova;
    int pasid = random.nextInt(3) == 0 ? DmaRequest.NO_PASID : random.nextInt(4);
    pasid = rarely() ? 511 << (9 * random.nextInt(3)) & 0xFFFFF : pasid;
    int source = rarely() ? random.nextInt(0x10000) : SOURCES[random.nextInt(SOURCES.length)];
    int access = 1 + random.nextInt(3);
    DmaRequest request = new DmaRequest().set(source, pasid, iova, 4, access);
    if (random.nextInt(8) == 0) {
      request.access(access | DmaRequest.EXECUTE);
    }
    if (random.nextInt(6) == 0) {
      request.privileged(true);
    }
    if (random.nextInt(8) == 0) {
      request.addressType(1 + random.nextInt(2)).noWrite(random.nextBoolean());
    }
    return request;
  }
}
