package org.ioasis.benchmark.rig;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.smmuv3.driver.SmmuDriverFactory;
import org.ioasis.smmuv3.hardware.SmmuFactory;

/**
 * Arm SMMUv3: {@link Format#SECOND_STAGE} is stage 2 alone, {@link Format#FIRST_STAGE} stage 1 with
 * one CD, {@link Format#NESTED} both stages; all with the 4K granule and 48 bits. All bits are
 * literal, from "Stream Table Entry", "Context Descriptor", "VMSAv8-64 translation table format
 * descriptors".
 */
final class SmmuVendor implements Vendor {
  private static final long IDR0 = 0x0D44_101BL, IDR1 = 0x0273_0010L, IDR3 = 0x1414L, IDR5 = 0x75L;
  private static final long MMIO_BASE = 0x0905_0000L;

  private static final long STREAM_TABLE = 0x10_0000;
  private static final int STREAMS_LG2 = 10;
  private static final long CONTEXTS = 0x20_0000;
  private static final int ENTRY = 64;
  private static final int FIRST_TAG = 2;

  /** V; Config stage 1, stage 2, both. */
  private static final long STAGE_1 = 0xB, STAGE_2 = 0xD, BOTH_STAGES = 0xF;

  /** S2T0SZ=16, S2SL0=2, write-back, inner shareable, S2PS 48 bits, S2AA64, S2R. */
  private static final long STAGE_2_TABLES = 0x040D_3590_0000_0000L;

  /** T0SZ=16, write-back, inner shareable, EPD1, V, IPS 48 bits, AA64, R, A, ASET. */
  private static final long CONTEXT = 0x0000_E205_C000_3510L;

  private static final long TABLE = 0x3, S1_LEAF = 0xF47, S2_LEAF = 0x7FF;
  private static final int CR0 = 0x20, CR0ACK = 0x24;
  private static final int STRTAB_BASE = 0x80, STRTAB_BASE_CFG = 0x88;

  @Override
  public String kind() {
    return SmmuFactory.SMMUV3;
  }

  @Override
  public boolean has(Format format) {
    return true;
  }

  @Override
  public HardwareFactory hardware() {
    return new SmmuFactory();
  }

  @Override
  public DriverFactory driver() {
    return new SmmuDriverFactory();
  }

  @Override
  public String translationCache() {
    return "tlb.entries";
  }

  @Override
  public Rig open(Format format, Footprint footprint, Caches caches, int devices) {
    boolean first = format != Format.SECOND_STAGE;
    boolean nested = format == Format.NESTED;
    Rig rig = new Rig(new SmmuFactory(), profile(caches));
    PhysicalMemory memory = rig.memory();
    new TableWriter(memory, Rig.TABLES, TABLE, first ? S1_LEAF : S2_LEAF)
        .write(footprint, Rig.OUTPUT, Rig.OUTPUT_PAGES_LG2);
    if (nested) {
      new TableWriter(memory, Rig.BELOW, TABLE, S2_LEAF).writeIdentity(Rig.GUEST_RAM);
    }
    for (int device = 0; device < devices; device++) {
      long at = STREAM_TABLE + (long) (Rig.FIRST_SOURCE + device) * ENTRY;
      long tag = (long) device + FIRST_TAG;
      if (first) {
        memory.store64(context(device) + 8, Rig.TABLES);
        memory.store64(context(device), CONTEXT | tag << 48);
      }
      if (nested || !first) {
        memory.store64(at + 16, STAGE_2_TABLES | tag);
        memory.store64(at + 24, nested ? Rig.BELOW : Rig.TABLES);
      }
      memory.store64(at, !first ? STAGE_2 : (nested ? BOTH_STAGES : STAGE_1) | context(device));
    }
    enable(rig.unit().mmio());
    rig.join(devices);
    return rig;
  }

  private static long context(int device) {
    return CONTEXTS + (long) device * ENTRY;
  }

  private static Profile profile(Caches caches) {
    Map<String, Long> parameters = new TreeMap<>();
    if (caches == Caches.SMALLEST_WALK_CACHE) {
      parameters.put("walkcache.entries", 4L);
    }
    return new Profile(
        SmmuFactory.SMMUV3,
        "benchmark",
        Map.of("IDR0", IDR0, "IDR1", IDR1, "IDR3", IDR3, "IDR5", IDR5, "IIDR", 0L, "AIDR", 1L),
        parameters,
        List.of(),
        MMIO_BASE);
  }

  private static void enable(Mmio mmio) {
    mmio.write64(STRTAB_BASE, STREAM_TABLE);
    mmio.write32(STRTAB_BASE_CFG, STREAMS_LG2);
    mmio.write32(CR0, 1);
    if (mmio.read32(CR0ACK) != 1) {
      throw new IllegalStateException(
          "SMMU not enabled: CR0ACK is 0x%x".formatted(mmio.read32(CR0ACK)));
    }
  }
}
