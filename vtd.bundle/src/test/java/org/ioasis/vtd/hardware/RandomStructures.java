package org.ioasis.vtd.hardware;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.vtd.format.Ecap;

/**
 * Random structures, valid and damaged, in a few pages: tables that share, loop, lead nowhere, hold
 * garbage. A seed gives the same world again.
 */
final class RandomStructures {
  private static final int PAGES = 40;
  private static final long FIRST_PAGE = 0x10_0000;
  private static final long RAM_END = FIRST_PAGE + PAGES * 0x1000L;
  private static final int[] INDEXES = {0, 1, 2, 0x1F7, 0x1FF};
  private static final int[] SOURCES = {0x20, 0x21, 0x85, 0x329};

  /**
   * Far apart, so that damage does not give two tables one tag: those share translations rightly.
   */
  private static final int[] DOMAINS = {0x11, 0x22, 0x44, 0x88};

  /** SSLPS none, ND 8 bits, ZLR, or as QEMU; FS1GP, FS5LP, SC, RPS by chance. */
  private static final long[] CAPS = {
    0x80D2008C222F0606L,
    0x80D2008C22260206L,
    0x91D2008C226F0E06L,
    0x80D20080222F0602L,
    0x91D2008C222F0606L,
    VtdProfiles.FULL_CAP
  };

  private static final long[] ECAPS = {
    0xF42L,
    0xFC2L,
    0xF02L,
    0x0000C93800F00F4AL,
    0x0002C93800F00FCAL,
    0x0000480080F00F4AL,
    VtdProfiles.FULL_ECAP,
    VtdProfiles.FULL_ECAP & ~Ecap.SMPWCS.mask(),
    VtdProfiles.FULL_ECAP & ~(Ecap.ERS.mask() | Ecap.NWFS.mask() | Ecap.RPRIVS.mask()),
    VtdProfiles.FULL_ECAP & ~(Ecap.SSADS.mask() | Ecap.EAFS.mask() | Ecap.SC.mask())
  };

  /** Where nested entries' second stage is, that maps all of these pages somehow. */
  private static final long GUEST_TABLES = FIRST_PAGE + 0x5000;

  private final SplittableRandom random;
  private final List<Long> written = new ArrayList<>();

  final TestMemory memory = new TestMemory(RAM_END);
  final Capabilities capabilities;
  final Latched latched;

  RandomStructures(long seed) {
    random = new SplittableRandom(seed);
    boolean scalable = random.nextBoolean();
    long ecap = ECAPS[random.nextInt(ECAPS.length)];
    int[] widths = {39, 46, 48, 52};
    capabilities =
        new Capabilities(
            0x10,
            CAPS[random.nextInt(CAPS.length)],
            scalable ? ECAPS[3 + random.nextInt(ECAPS.length - 3)] : ecap,
            widths[random.nextInt(widths.length)]);
    int mode = random.nextInt(60) == 0 ? random.nextInt(4) : scalable ? 1 : 0;
    latched = new Latched(true, mode, FIRST_PAGE, false, 0);
    root(scalable);
    for (int page = 8; page < PAGES; page++) {
      table(FIRST_PAGE + page * 0x1000L);
    }
    guestTables();
    for (int damage = random.nextInt(3); damage > 0; damage--) {
      long at = written.get(random.nextInt(written.size()));
      memory.at(at, memory.load64(at) ^ 1L << random.nextInt(64));
    }
  }

  private long page() {
    return random.nextInt(50) == 0
        ? random.nextLong() & 0xFFFF_FFFF_F000L
        : FIRST_PAGE + (8 + random.nextInt(PAGES - 8)) * 0x1000L;
  }

  private boolean rarely() {
    return random.nextInt(12) == 0;
  }

  private void put(long address, long word) {
    written.add(address);
    memory.at(address, word);
  }

  private void root(boolean scalable) {
    for (int bus : new int[] {0, 3}) {
      put(FIRST_PAGE + bus * 16L, FIRST_PAGE + 0x1000 | 1);
      put(FIRST_PAGE + bus * 16L + 8, scalable ? FIRST_PAGE + 0x2000 | 1 : 0);
    }
    for (int i = 0; i < SOURCES.length; i++) {
      int sid = SOURCES[i];
      if (scalable) {
        long table = FIRST_PAGE + ((sid & 0x80) != 0 ? 0x2000 : 0x1000);
        long pds = (long) random.nextInt(3) << 9;
        put(
            table + (sid & 0x7F) * 32L,
            FIRST_PAGE + 0x3000 | pds | (rarely() ? 2 : 0) | 0x9 | chance(2, 4));
        put(table + (sid & 0x7F) * 32L + 8, random.nextInt(4) | chance(6, 1L << 20));
      } else {
        legacyContext(FIRST_PAGE + 0x1000 + (sid & 0xFF) * 16L, DOMAINS[i]);
      }
    }
    if (scalable) {
      put(FIRST_PAGE + 0x3000, FIRST_PAGE + 0x4000 | (rarely() ? 3 : 1));
      for (int pasid = 0; pasid < 4; pasid++) {
        pasidEntry(FIRST_PAGE + 0x4000 + pasid * 64L, DOMAINS[pasid]);
      }
    }
  }

  private void legacyContext(long at, int domain) {
    long type = random.nextInt(8) == 0 ? random.nextInt(4) : 0;
    long width = rarely() ? random.nextInt(8) : 1 + random.nextInt(2);
    put(at, page() | type << 2 | (rarely() ? 2 : 0) | 1);
    put(at + 8, width | (long) domain << 8);
  }

  private long chance(int oneIn, long bits) {
    return random.nextInt(oneIn) == 0 ? bits : 0;
  }

  private void pasidEntry(long at, int domain) {
    long type = rarely() ? random.nextInt(8) : 1 + random.nextInt(3);
    long width = rarely() ? random.nextInt(8) : 1 + random.nextInt(2);
    long second = page();
    if (type == 3 && !rarely()) {
      width = 1L + random.nextInt(2);
      second = GUEST_TABLES + (width == 1 ? 0x1000 : 0);
    }
    long ssade = chance(2, 1L << 9);
    long ssee = chance(2, 1L << 5);
    put(
        at,
        second | type << 6 | width << 2 | ssade | ssee | (rarely() ? 2 : 0) | (rarely() ? 0 : 1));
    put(at + 8, (rarely() ? 0 : 0x80_0000L) | chance(2, 1L << 24) | domain);
    long switches = (random.nextInt(256) & 0xF3) | (rarely() ? (long) random.nextInt(4) << 2 : 0);
    put(at + 16, page() | switches);
  }

  /** A second stage that leads from every page's address to some page, with other rights. */
  private void guestTables() {
    put(GUEST_TABLES, GUEST_TABLES + 0x1000 | 7);
    put(GUEST_TABLES + 0x1000, GUEST_TABLES + 0x2000 | 7);
    put(GUEST_TABLES + 0x2000, rarely() ? 0x87 : GUEST_TABLES + 0x3000 | 7);
    for (int page = 0; page < PAGES; page++) {
      long flags = random.nextInt(5) == 0 ? random.nextInt(8) : 7;
      long target = random.nextInt(4) == 0 ? page() : FIRST_PAGE + page * 0x1000L;
      put(GUEST_TABLES + 0x3000 + (0x100 + page) * 8L, target | flags);
    }
  }

  private void table(long table) {
    for (int index : INDEXES) {
      put(table + index * 8L, entry());
    }
  }

  private long entry() {
    long flags = 0x27 | (random.nextInt(6) == 0 ? random.nextInt(8) : 7);
    return switch (random.nextInt(16)) {
      case 0 -> random.nextLong() & ~7L;
      case 1 -> 0;
      case 2 -> page() | (flags & random.nextInt(256));
      case 3, 4 -> random.nextInt(4) * 0x4000_0000L | flags | 0x80;
      case 5 -> 0xFEE0_0000L | random.nextInt(3) << 20 | flags | (random.nextBoolean() ? 0x80 : 0);
      case 6 -> page() | flags | 1L << random.nextInt(64);
      default -> page() | flags;
    };
  }

  /** A request that meets these structures more often than not. */
  DmaRequest request() {
    long iova = random.nextInt(0x1000) & -4;
    for (int shift = 12; shift < 48; shift += 9) {
      iova |= (long) INDEXES[random.nextInt(INDEXES.length)] << shift;
    }
    iova &= random.nextInt(3) == 0 ? -1L : (1L << 39) - 1;
    iova |= (iova >> 47 & 1) != 0 && random.nextBoolean() ? -1L << 48 : 0;
    iova = rarely() ? random.nextLong() : iova;
    int pasid = random.nextInt(3) == 0 ? random.nextInt(6) : DmaRequest.NO_PASID;
    int sid = rarely() ? random.nextInt(0x10000) : SOURCES[random.nextInt(SOURCES.length)];
    int access = 1 + random.nextInt(3);
    DmaRequest request = new DmaRequest().set(sid, pasid, iova, 4, access);
    if (random.nextInt(8) == 0) {
      request.access(access | DmaRequest.EXECUTE);
    }
    if (random.nextInt(8) == 0) {
      request.privileged(true);
    }
    if (random.nextInt(8) == 0) {
      request.addressType(1 + random.nextInt(2)).noWrite(random.nextBoolean());
    }
    return request.zeroLength(access == DmaRequest.READ && rarely());
  }
}
