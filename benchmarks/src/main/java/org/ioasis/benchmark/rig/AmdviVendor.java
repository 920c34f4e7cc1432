package org.ioasis.benchmark.rig;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ioasis.amdvi.driver.AmdViDriverFactory;
import org.ioasis.amdvi.hardware.AmdviFactory;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * AMD-Vi: {@link Format#SECOND_STAGE} is a v1 table in Mode 4, {@link Format#FIRST_STAGE} a v2
 * table of 4 levels behind a GCR3 table, reached by GIoV, {@link Format#NESTED} a v2 table over a
 * v1 table. All bits are literal, from "Device Table Entry Format", "I/O Page Table Entry Formats",
 * "Guest CR3 Table".
 */
final class AmdviVendor implements Vendor {
  private static final long EFR = 0x0001_0013_0000_9850L;
  private static final long CAP = 0x090B_000F;
  private static final long MMIO_BASE = 0xFED8_0000L;

  private static final long DEVICE_TABLE = 0x10_0000;
  private static final long DEVICE_TABLE_SIZE = 0x1FF;
  private static final long GCR3 = 0x30_0000;
  private static final int ENTRY = 32;
  private static final int FIRST_DOMAIN = 2;

  /** V, TV, IR, IW. */
  private static final long ENTRY_BITS = 0x6000_0000_0000_0003L;

  private static final long MODE_4 = 4 << 9;

  /** GV and GIoV. */
  private static final long GUEST = 3L << 54;

  private static final long[] V1_TABLE = {
    0, 0, 0x6000_0000_0000_0201L, 0x6000_0000_0000_0401L, 0x6000_0000_0000_0601L
  };
  private static final long V1_LEAF = 0x6000_0000_0000_0001L;
  private static final long V2_TABLE = 0x27, V2_LEAF = 0x67;

  private static final int CONTROL = 0x18;
  private static final long ENABLE = 1, GUEST_ENABLE = 1 << 16;

  @Override
  public String kind() {
    return AmdviFactory.AMDVI;
  }

  @Override
  public boolean has(Format format) {
    return true;
  }

  @Override
  public HardwareFactory hardware() {
    return new AmdviFactory();
  }

  @Override
  public DriverFactory driver() {
    return new AmdViDriverFactory();
  }

  @Override
  public String translationCache() {
    return "iotlb.entries";
  }

  @Override
  public Rig open(Format format, Footprint footprint, Caches caches, int devices) {
    boolean guest = format != Format.SECOND_STAGE;
    boolean nested = format == Format.NESTED;
    Rig rig = new Rig(new AmdviFactory(), profile(caches));
    PhysicalMemory memory = rig.memory();
    TableWriter writer =
        guest
            ? new TableWriter(memory, Rig.TABLES, V2_TABLE, V2_LEAF)
            : new TableWriter(memory, Rig.TABLES, V1_TABLE, V1_LEAF);
    writer.write(footprint, Rig.OUTPUT, Rig.OUTPUT_PAGES_LG2);
    memory.store64(GCR3, Rig.TABLES | 1);
    if (nested) {
      new TableWriter(memory, Rig.BELOW, V1_TABLE, V1_LEAF).writeIdentity(Rig.GUEST_RAM);
    }
    long host = nested ? MODE_4 | Rig.BELOW : guest ? 0 : MODE_4 | Rig.TABLES;
    for (int device = 0; device < devices; device++) {
      long at = DEVICE_TABLE + (long) (Rig.FIRST_SOURCE + device) * ENTRY;
      long root = host | (guest ? guestRoot(GCR3) : 0);
      long upper = guest ? (GCR3 >>> 15 & 0xFFFF) << 16 : 0;
      memory.store64(at + 8, upper | device + FIRST_DOMAIN);
      memory.store64(at, ENTRY_BITS | root);
    }
    enable(rig.unit().mmio());
    rig.join(devices);
    return rig;
  }

  /** GV and the low part of the address of the GCR3 table. */
  private static long guestRoot(long table) {
    return GUEST | ((table >>> 12 & 7) << 58);
  }

  private static Profile profile(Caches caches) {
    Map<String, Long> parameters = new TreeMap<>();
    if (caches == Caches.SMALLEST_WALK_CACHE) {
      parameters.put("walkcache.entries", 4L);
    }
    return new Profile(
        AmdviFactory.AMDVI,
        "benchmark",
        Map.of("EXT_FEATURES", EFR, "EXT_FEATURES_2", 0x800L, "CAP", CAP),
        parameters,
        List.of(),
        MMIO_BASE);
  }

  private static void enable(Mmio mmio) {
    mmio.write64(0, DEVICE_TABLE | DEVICE_TABLE_SIZE);
    mmio.write64(CONTROL, ENABLE | GUEST_ENABLE);
    long control = mmio.read64(CONTROL);
    if (control != (ENABLE | GUEST_ENABLE)) {
      throw new IllegalStateException(
          "AMD-Vi unit not enabled: CONTROL is 0x%x".formatted(control));
    }
  }
}
