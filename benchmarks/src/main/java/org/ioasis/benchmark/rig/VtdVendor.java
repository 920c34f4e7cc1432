package org.ioasis.benchmark.rig;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.ioasis.vtd.hardware.VtdFactory;

/**
 * Intel VT-d: {@link Format#SECOND_STAGE} is legacy mode, {@link Format#FIRST_STAGE} scalable mode
 * with RID_PASID 0, {@link Format#NESTED} the same with PGTT 3. All bits are literal, from VT-d,
 * "Root Entry", "Context Entry", "Scalable-Mode Context Entry", "Scalable-Mode PASID Table Entry",
 * "Second-Stage Paging Entries", "First-Stage Paging Entries".
 */
final class VtdVendor implements Vendor {
  private static final long CAP_LEGACY = 0x80D2_008C_222F_0606L, ECAP_LEGACY = 0xF42;
  private static final long CAP_SCALABLE = 0x81D2_008C_222F_0606L;
  private static final long ECAP_SCALABLE = 0x0000_C800_04F0_0F4AL;
  private static final long MMIO_BASE = 0xFED9_0000L;

  private static final long ROOT = 0x10_0000;
  private static final long CONTEXT = 0x10_1000;
  private static final long PASID_DIRECTORY = 0x10_2000;
  private static final long PASID_TABLE = 0x10_3000;
  private static final long PER_DEVICE = 0x2000;
  private static final int FIRST_DOMAIN = 2;

  private static final int GCMD = 0x18, GSTS = 0x1C, RTADDR = 0x20;
  private static final int SET_ROOT = 1 << 30, ENABLE = 1 << 31;
  private static final long SCALABLE_MODE = 0x400;

  /** P, AW 48 bits, PGTT first stage or nested. */
  private static final long FIRST = 0x49, NESTED = 0xC9;

  private static final long SS_TABLE = 0x3, SS_LEAF = 0x3;
  private static final long FS_TABLE = 0x27, FS_LEAF = 0x67;

  @Override
  public String kind() {
    return VtdFactory.VTD;
  }

  @Override
  public boolean has(Format format) {
    return true;
  }

  @Override
  public HardwareFactory hardware() {
    return new VtdFactory();
  }

  @Override
  public DriverFactory driver() {
    return new VtdDriverFactory();
  }

  @Override
  public String translationCache() {
    return "iotlb.entries";
  }

  @Override
  public Rig open(Format format, Footprint footprint, Caches caches, int devices) {
    boolean scalable = format != Format.SECOND_STAGE;
    boolean nested = format == Format.NESTED;
    Rig rig = new Rig(new VtdFactory(), profile(scalable, caches));
    PhysicalMemory memory = rig.memory();
    long table = scalable ? FS_TABLE : SS_TABLE;
    long leaf = scalable ? FS_LEAF : SS_LEAF;
    new TableWriter(memory, Rig.TABLES, table, leaf)
        .write(footprint, Rig.OUTPUT, Rig.OUTPUT_PAGES_LG2);
    if (nested) {
      new TableWriter(memory, Rig.BELOW, SS_TABLE, SS_LEAF).writeIdentity(Rig.GUEST_RAM);
    }
    memory.store64(ROOT + (Rig.FIRST_SOURCE >>> 8) * 16L, CONTEXT | 1);
    for (int device = 0; device < devices; device++) {
      int function = (Rig.FIRST_SOURCE & 0xFF) + device;
      int domain = device + FIRST_DOMAIN;
      if (scalable) {
        writeScalable(memory, function, domain, device, nested ? NESTED | Rig.BELOW : FIRST);
      } else {
        memory.store64(CONTEXT + function * 16L, Rig.TABLES | 1);
        memory.store64(CONTEXT + function * 16L + 8, (long) domain << 8 | 2);
      }
    }
    enable(rig.unit().mmio(), ROOT | (scalable ? SCALABLE_MODE : 0));
    rig.join(devices);
    return rig;
  }

  /** Context entry, directory entry, and PASID 0 with 4 levels. */
  private static void writeScalable(
      PhysicalMemory memory, int function, int domain, int device, long entry) {
    long directory = PASID_DIRECTORY + device * PER_DEVICE;
    long table = PASID_TABLE + device * PER_DEVICE;
    memory.store64(CONTEXT + function * 32L, directory | 1);
    memory.store64(directory, table | 1);
    memory.store64(table + 8, 0x80_0000L | domain);
    memory.store64(table + 16, Rig.TABLES);
    memory.store64(table, entry);
  }

  private static Profile profile(boolean scalable, Caches caches) {
    Map<String, Long> parameters = new TreeMap<>();
    if (caches == Caches.SMALLEST_WALK_CACHE) {
      parameters.put("walkcache.entries", 4L);
    }
    return new Profile(
        VtdFactory.VTD,
        "benchmark",
        Map.of(
            "VER", 0x10L,
            "CAP", scalable ? CAP_SCALABLE : CAP_LEGACY,
            "ECAP", scalable ? ECAP_SCALABLE : ECAP_LEGACY),
        parameters,
        List.of(),
        MMIO_BASE);
  }

  private static void enable(Mmio mmio, long root) {
    mmio.write64(RTADDR, root);
    mmio.write32(GCMD, SET_ROOT);
    expect(mmio, SET_ROOT);
    mmio.write32(GCMD, ENABLE);
    expect(mmio, ENABLE);
  }

  private static void expect(Mmio mmio, int bit) {
    int status = mmio.read32(GSTS);
    if ((status & bit) == 0) {
      throw new IllegalStateException("VT-d unit not enabled: GSTS is 0x%x".formatted(status));
    }
  }
}
