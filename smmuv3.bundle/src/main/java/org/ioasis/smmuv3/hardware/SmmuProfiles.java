package org.ioasis.smmuv3.hardware;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.kit.layout.Layout;
import org.ioasis.smmuv3.format.Idr0;
import org.ioasis.smmuv3.format.Idr1;
import org.ioasis.smmuv3.format.Idr3;
import org.ioasis.smmuv3.format.Idr5;

/**
 * Ready-made profiles, the named configurations of vector files, and profiles after register
 * values.
 *
 * <p>{@link #FULL} claims everything the model does and nothing else. The others are the emulated
 * machine behind the vector files; they select capabilities, never that emulator's errors.
 */
final class SmmuProfiles {
  /** Where the register pages lie unless a machine says otherwise. */
  static final long MMIO_BASE = 0x0905_0000L;

  /** The name of the default profile. */
  static final String FULL_NAME = "full";

  static final long FULL_IDR0 =
      Idr0.S2P.mask()
          | Idr0.S1P.mask()
          | Idr0.TTF.of(Idr0.TTF_AARCH64)
          | Idr0.COHACC.mask()
          | Idr0.HTTU.of(Idr0.HTTU_DIRTY)
          | Idr0.HYP.mask()
          | Idr0.ATS.mask()
          | Idr0.ASID16.mask()
          | Idr0.MSI.mask()
          | Idr0.PRI.mask()
          | Idr0.VMW.mask()
          | Idr0.VMID16.mask()
          | Idr0.CD2L.mask()
          | Idr0.TTENDIAN.of(Idr0.TTENDIAN_MIXED)
          | Idr0.ATSRECERR.mask()
          | Idr0.STALL_MODEL.of(Idr0.STALL_BOTH)
          | Idr0.ST_LEVEL.of(1);

  /** StreamIDs of 16 bits, SubstreamIDs of 20, queues of 2^12 commands, 2^12 events, 2^12 pages. */
  static final long FULL_IDR1 =
      Idr1.SIDSIZE.of(16)
          | Idr1.SSIDSIZE.of(20)
          | Idr1.PRIQS.of(12)
          | Idr1.EVENTQS.of(12)
          | Idr1.CMDQS.of(12)
          | Idr1.ATTR_PERMS_OVR.mask();

  static final long FULL_IDR3 =
      Idr3.HAD.mask()
          | Idr3.XNX.mask()
          | Idr3.PPS.mask()
          | Idr3.STT.mask()
          | Idr3.RIL.mask()
          | Idr3.BBML.of(2);

  /** 52-bit addresses with every granule; 256 stalls at a time. */
  static final long FULL_IDR5 =
      Idr5.OAS.of(6)
          | Idr5.GRAN4K.mask()
          | Idr5.GRAN16K.mask()
          | Idr5.GRAN64K.mask()
          | Idr5.DS.mask()
          | Idr5.VAX.of(1)
          | Idr5.STALL_MAX.of(256);

  /** Version 3.1. */
  static final long FULL_AIDR = 1;

  /** The default profile. */
  static final Profile FULL =
      profile(
          FULL_NAME, registers(FULL_IDR0, FULL_IDR1, FULL_IDR3, FULL_IDR5, FULL_AIDR), List.of());

  // The emulated machine of the vector files.
  private static final Map<String, Long> VECTORS =
      registers(0x0D44_101BL, 0x0273_0010L, 0x1414L, 0x74L, 1);

  private static final Map<String, Profile> CONFIGURATIONS = new LinkedHashMap<>();

  static {
    for (String name : List.of("s1", "s2", "nested", "misc")) {
      CONFIGURATIONS.put(
          name, profile(name, VECTORS, List.of(MemoryRegion.ram(0x4000_0000L, 0x10_0000_0000L))));
    }
  }

  private SmmuProfiles() {}

  private static Map<String, Long> registers(
      long idr0, long idr1, long idr3, long idr5, long aidr) {
    Map<String, Long> registers = new LinkedHashMap<>();
    registers.put("IDR0", idr0);
    registers.put("IDR1", idr1);
    registers.put("IDR2", 0L);
    registers.put("IDR3", idr3);
    registers.put("IDR4", 0L);
    registers.put("IDR5", idr5);
    registers.put("IIDR", 0L);
    registers.put("AIDR", aidr);
    return registers;
  }

  private static Profile profile(String name, Map<String, Long> registers, List<MemoryRegion> ram) {
    return new Profile(SmmuFactory.SMMUV3, name, registers, Map.of(), ram, MMIO_BASE);
  }

  /** The default profile, then the configurations. */
  static List<Profile> all() {
    List<Profile> all = new ArrayList<>();
    all.add(FULL);
    all.addAll(CONFIGURATIONS.values());
    return List.copyOf(all);
  }

  /** The machine behind a {@code cfg} name of a vector file. */
  static Optional<Profile> configuration(String name) {
    return Optional.ofNullable(CONFIGURATIONS.get(name));
  }

  /**
   * The profile with the identification registers among these, the default profile's for those that
   * are missing.
   */
  static Profile of(List<RegisterValue> registers, Consumer<String> remarks) {
    Map<String, Long> identification = new LinkedHashMap<>();
    for (SmmuDictionary.Row row : SmmuDictionary.IDENTIFICATION) {
      identification.put(row.name(), value(registers, row, remarks));
    }
    remark("IDR0", Idr0.LAYOUT, Capabilities.IDR0_MODELLED, identification, remarks);
    remark("IDR1", Idr1.LAYOUT, Capabilities.IDR1_MODELLED, identification, remarks);
    remark("IDR3", Idr3.LAYOUT, Capabilities.IDR3_MODELLED, identification, remarks);
    remark("IDR5", Idr5.LAYOUT, Capabilities.IDR5_MODELLED, identification, remarks);
    if ((Idr0.TTF.get(identification.get("IDR0")) & Idr0.TTF_AARCH32) != 0) {
      remarks.accept("IDR0.TTF claims VMSAv8-32 tables, which are not modelled; they are illegal");
    }
    if (Idr0.HTTU.get(identification.get("IDR0")) == Idr0.HTTU_TABLES) {
      remarks.accept("IDR0.HTTU=3 claims the access flag of tables, which is not modelled");
    }
    return profile("registers", identification, List.of());
  }

  private static long value(
      List<RegisterValue> registers, SmmuDictionary.Row row, Consumer<String> remarks) {
    for (RegisterValue register : registers) {
      if (register.offset() == row.offset()) {
        return register.value();
      }
    }
    long assumed = FULL.register(row.name());
    remarks.accept(
        "%s at 0x%x is not among the registers; 0x%x of profile %s is assumed"
            .formatted(row.name(), row.offset(), assumed, FULL_NAME));
    return assumed;
  }

  private static void remark(
      String name,
      Layout layout,
      long modelled,
      Map<String, Long> identification,
      Consumer<String> remarks) {
    long value = identification.get(name);
    for (var field : layout.fields()) {
      if (field.isSet(value & ~modelled)) {
        remarks.accept(
            "%s.%s=%d is claimed and not modelled; it is inert"
                .formatted(name, field.name(), field.get(value)));
      }
    }
    long reserved = value & layout.reserved(0);
    if (reserved != 0) {
      remarks.accept(
          "%s has bits 0x%x without a known meaning; they are inert".formatted(name, reserved));
    }
  }
}
