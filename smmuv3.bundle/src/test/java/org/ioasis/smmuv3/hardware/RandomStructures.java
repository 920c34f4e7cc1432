package org.ioasis.smmuv3.hardware;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.memory.MachineMemory;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.memory.SparseMemory;

/**
 * Random structures, valid and damaged: stream tables of one and two levels, CDs likewise, tables
 * of three granules that share, loop, lead nowhere, hold garbage. A seed gives the same world
 * again.
 */
final class RandomStructures {
  private static final int TABLES = 24;
  private static final long TABLE_LG2 = 16;
  private static final long FIRST = 0x10_0000;
  private static final long TABLES_AT = 0x20_0000;
  private static final long RAM_END = TABLES_AT + ((long) TABLES << TABLE_LG2);
  private static final int[] SOURCES = {0, 3, 0x41, 0x55};

  /** IDR0, IDR1, IDR3, IDR5: the emulated machine, everything, and parts of it. */
  private static final long[][] MACHINES = {
    {0x0D44_101BL, 0x0273_0010L, 0x1414L, 0x74L},
    {
      SmmuProfiles.FULL_IDR0, SmmuProfiles.FULL_IDR1, SmmuProfiles.FULL_IDR3, SmmuProfiles.FULL_IDR5
    },
    {SmmuProfiles.FULL_IDR0 & ~0xC0L, SmmuProfiles.FULL_IDR1, 0x404L, 0x0010_0075L},
    {SmmuProfiles.FULL_IDR0 & ~0x40200L, SmmuProfiles.FULL_IDR1, 0x614L, 0x0010_0056L},
  };

  private final SplittableRandom random;
  private final List<Long> written = new ArrayList<>();
  private int granule;

  final MachineMemory memory;
  final Capabilities capabilities;
  final Latched latched;

  RandomStructures(long seed) {
    random = new SplittableRandom(seed);
    memory = new SparseMemory(52, List.of(MemoryRegion.ram(0, RAM_END)));
    long[] idr = MACHINES[random.nextInt(MACHINES.length)];
    capabilities = new Capabilities(idr[0], idr[1], idr[2], idr[3], 0, 1);
    boolean twoLevel = random.nextInt(3) == 0;
    long cfg = twoLevel ? 0x1_0000 | 6 << 6 | 8 : 7;
    latched = Latched.of(capabilities, 1, 2, FIRST, cfg, 0);
    granule = new int[] {12, 14, 16}[random.nextInt(3)];
    streams(twoLevel);
    contexts();
    for (int table = 0; table < TABLES; table++) {
      table(TABLES_AT + ((long) table << TABLE_LG2));
    }
    for (int damage = random.nextInt(3); damage > 0; damage--) {
      damage();
    }
  }

  /** Turns one bit of what was written. */
  void damage() {
    long at = written.get(random.nextInt(written.size()));
    memory.store64(at, memory.load64(at) ^ 1L << random.nextInt(64));
  }

  private boolean rarely() {
    return random.nextInt(12) == 0;
  }

  private long flag(int position) {
    return random.nextBoolean() ? 1L << position : 0;
  }

  private long rare(int position) {
    return rarely() ? 1L << position : 0;
  }

  private void put(long address, long word) {
    written.add(address);
    memory.store64(address, word);
  }

  private long page() {
    return random.nextInt(50) == 0
        ? random.nextLong() & 0xFFFF_FFFF_0000L
        : TABLES_AT + ((long) random.nextInt(TABLES) << TABLE_LG2);
  }

  private void streams(boolean twoLevel) {
    if (twoLevel) {
      put(FIRST, FIRST + 0x1000 | (rarely() ? random.nextInt(32) : 7));
      put(FIRST + 8, (rarely() ? 1L << 40 : FIRST + 0x2000) | 7);
    }
    for (int sid : SOURCES) {
      long at = twoLevel ? FIRST + 0x1000 + (sid >> 6) * 0x1000L : FIRST;
      stream(at + (twoLevel ? sid & 63 : sid) * 64L, sid);
    }
  }

  private void stream(long at, int sid) {
    long config = random.nextInt(10) == 0 ? random.nextInt(8) : 5 + random.nextInt(3);
    boolean substreams = capabilities.ssidBits() != 0 && random.nextBoolean();
    long format = substreams ? random.nextInt(3) : 0;
    long contexts = FIRST + (format == 0 ? 0x8000 : 0x4000);
    if ((config & 2) != 0) {
      contexts = contexts | (rarely() ? 1L << 30 : 0);
    }
    put(
        at,
        (rarely() ? 0 : 1)
            | config << 1
            | format << 4
            | contexts
            | (substreams ? 7L << 59 : rare(60)));
    put(
        at + 8,
        random.nextInt(4)
            | rare(27)
            | rare(30)
            | (config == 5 ? flag(31) : 0)
            | (rarely() ? (long) random.nextInt(16) << 48 : 0));
    long tg = granule == 12 ? 0 : granule == 16 ? 1 : 2;
    int stride = granule - 3;
    int level = 1 + random.nextInt(2);
    int bits = granule + (3 - level) * stride + 1 + random.nextInt(stride + 4);
    long size = rarely() ? random.nextInt(64) : 64 - Math.min(bits, capabilities.ias());
    long sl0 = granule == 12 ? 2 - level : 3 - level;
    put(
        at + 16,
        sid + 1
            | size << 32
            | sl0 << 38
            | tg << 46
            | (long) random.nextInt(7) << 48
            | 1L << 51
            | rare(52)
            | flag(53)
            | flag(54)
            | rare(55)
            | rare(56)
            | rare(57)
            | flag(58));
    put(at + 24, page() | rare(3));
  }

  private void contexts() {
    for (int index = 0; index < 2; index++) {
      put(FIRST + 0x4000 + index * 8L, FIRST + 0x8000 | (rarely() ? 0 : 1));
    }
    for (int ssid = 0; ssid < 5; ssid++) {
      context(FIRST + 0x8000 + ssid * 64L, ssid);
    }
  }

  private void context(long at, int ssid) {
    long tg0 = granule == 12 ? 0 : granule == 16 ? 1 : 2;
    long tg1 = granule == 12 ? 2 : granule == 16 ? 3 : 1;
    long t0 = rarely() ? random.nextInt(64) : 16 + random.nextInt(24);
    long t1 = rarely() ? random.nextInt(64) : 16 + random.nextInt(24);
    put(
        at,
        t0
            | tg0 << 6
            | rare(14)
            | rare(15)
            | t1 << 16
            | tg1 << 22
            | flag(30)
            | (rarely() ? 0 : 1L << 31)
            | (long) (2 + random.nextInt(5)) << 32
            | rare(35)
            | rare(36)
            | flag(38)
            | flag(39)
            | rare(40)
            | (rarely() ? 0 : 1L << 41)
            | rare(42)
            | rare(43)
            | rare(44)
            | flag(45)
            | (rarely() ? 0 : 1L << 46)
            | rare(47)
            | (long) (ssid + 1) << 48);
    put(at + 8, page() | rare(1));
    put(at + 16, page() | rare(1) | rare(58));
  }

  private void table(long table) {
    int last = (1 << (granule - 3)) - 1;
    for (int index : new int[] {0, 1, 2, 0x10, last - 1, last}) {
      put(table + index * 8L, entry());
    }
  }

  private long entry() {
    long high = rarely() ? (long) random.nextInt(1 << 13) << 51 : 0;
    long low = (0x400 ^ rare(10)) | flag(6) | flag(7) | flag(11) | (long) random.nextInt(16) << 2;
    return switch (random.nextInt(16)) {
      case 0 -> random.nextLong() & ~1L;
      case 1 -> 0;
      case 2 -> (random.nextLong() & 0xFFFF_FFFFL) | 1;
      case 3, 4, 5 -> random.nextInt(4) * 0x2000_0000L | low | high | 1;
      default -> page() | low | high | 3;
    };
  }

  /** A request that meets these structures more often than not. */
  DmaRequest request() {
    int stride = granule - 3;
    int last = (1 << stride) - 1;
    int[] indexes = {0, 1, 2, 0x10, last - 1, last};
    long iova = random.nextInt(1 << 12) & -4;
    for (int shift = granule; shift < 48; shift += stride) {
      iova |= (long) indexes[random.nextInt(random.nextBoolean() ? 2 : 6)] << shift;
    }
    iova &= (1L << (20 + random.nextInt(29))) - 1;
    switch (random.nextInt(8)) {
      case 0 -> iova |= -1L << 48;
      case 1 -> iova = iova | -1L << (24 + random.nextInt(24));
      case 2 -> iova ^= (long) random.nextInt(256) << 56;
      case 3 -> iova = rarely() ? random.nextLong() : iova;
      default -> {
        // as it is
      }
    }
    int pasid = random.nextInt(3) == 0 ? random.nextInt(8) : DmaRequest.NO_PASID;
    int sid = rarely() ? random.nextInt(0x100) : SOURCES[random.nextInt(SOURCES.length)];
    int access = random.nextInt(8) == 0 ? 1 + random.nextInt(7) : 1 + random.nextInt(2);
    return new DmaRequest()
        .set(sid, pasid, iova, 4, access)
        .privileged(random.nextInt(4) == 0)
        .atomic((access & 3) == 3);
  }
}
