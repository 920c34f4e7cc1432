package org.ioasis.vtd.hardware;

import org.ioasis.api.machine.DmaRequest;

/**
 * The nested PASID entry of the fact sheet's section 16.2 with tables behind it: each first-stage
 * table, and the page, lies in a 512 GiB piece of guest memory of its own, so that each has its own
 * second-stage entries, which tests damage one at a time.
 *
 * <pre>
 *  guest 1.. 8000200000h  FS-PML4   -> host 700000h     second stage of piece n: PDP, PD, PT at
 *        2.. 10000200000h FS-PDP    -> host 701000h     210000h + n * 10000h + 0, 1000h, 2000h
 *        3.. 18000200000h FS-PD     -> host 702000h
 *        4.. 20000200000h FS-PT     -> host 703000h
 *        5.. 28000200000h the page  -> host 912345000h
 * </pre>
 */
final class NestedTables {
  static final long SECOND_ROOT = 0x20_0000L;
  static final long PAGE = 0x9_1234_5000L;

  /** First-stage entries of {@link Fixture#FIRST_STAGE_IOVA}, in host memory, level 1 first. */
  static final long[] FIRST_ENTRIES = {
    0x70_3000L + 0x056 * 8, 0x70_2000L + 0x11A * 8, 0x70_1000L + 0x004 * 8, 0x70_0000L + 0x0FF * 8
  };

  final TestMemory memory = Fixture.scalable();

  NestedTables() {
    entry(0x20_02C9L, 0x180_0042L, guest(4) | 0x091L);
    for (int piece = 1; piece <= 5; piece++) {
      long tables = 0x21_0000L + piece * 0x1_0000L;
      memory
          .at(SECOND_ROOT + piece * 8L, tables | 3)
          .at(tables, tables + 0x1000 | 3)
          .at(tables + 0x1000 + 8, tables + 0x2000 | 3)
          .at(tables + 0x2000, host(piece) | 3);
    }
    for (int level = 1; level <= 4; level++) {
      memory.at(FIRST_ENTRIES[level - 1], guest(level - 1) | (level == 1 ? 0x067L : 0x027L));
    }
  }

  /** Guest address of the table of a level, or of the page: level 0. */
  static long guest(int level) {
    return (long) (5 - level) << 39 | 0x20_0000L;
  }

  private static long host(int piece) {
    return piece == 5 ? PAGE : 0x70_0000L + (piece - 1) * 0x1000L;
  }

  /**
   * Host address of a second-stage entry.
   *
   * @param firstLevel whose table it is for; 0 for the page
   * @param level its own, 4 to 1; level 4 is in the table of all
   */
  static long secondEntry(int firstLevel, int level) {
    int piece = 5 - firstLevel;
    long tables = 0x21_0000L + piece * 0x1_0000L;
    return switch (level) {
      case 4 -> SECOND_ROOT + piece * 8L;
      case 3 -> tables;
      case 2 -> tables + 0x1000 + 8;
      default -> tables + 0x2000;
    };
  }

  /** Sets quadwords 0 to 2 of the PASID entry. */
  NestedTables entry(long... words) {
    memory.at(0x13_0D00L, words);
    return this;
  }

  NestedTables or(long address, long bits) {
    memory.at(address, memory.load64(address) | bits);
    return this;
  }

  NestedTables clear(long address, long bits) {
    memory.at(address, memory.load64(address) & ~bits);
    return this;
  }

  static DmaRequest read() {
    return Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, DmaRequest.READ);
  }

  static DmaRequest write() {
    return Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, DmaRequest.WRITE);
  }

  String ask(DmaRequest request) {
    return Walkers.ask(memory, request);
  }
}
