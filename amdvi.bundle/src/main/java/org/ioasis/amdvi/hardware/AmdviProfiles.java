package org.ioasis.amdvi.hardware;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.ioasis.amdvi.format.CapabilityHeader;
import org.ioasis.amdvi.format.Efr;
import org.ioasis.amdvi.format.Efr2;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Ready-made profiles, the named configurations of vector files, and profiles after register
 * values.
 *
 * <p>{@link #FULL} claims everything the model does and nothing else. The others are the emulated
 * machines behind the vector files; they select capabilities, never that emulator's errors.
 */
final class AmdviProfiles {
  /** Where the register block lies unless a machine says otherwise. */
  static final long MMIO_BASE = 0xFED8_0000L;

  /** The name of the default profile. */
  static final String FULL_NAME = "full";

  /** Capability type of an IOMMU, revision, id of the block. */
  private static final int CAPABILITY_ID = 0xF, CAPABILITY_TYPE = 3, CAPABILITY_REVISION = 1;

  /** Devices with translation caches of their own, EFR, miscellaneous register 1. */
  static final long FULL_HEADER =
      CapabilityHeader.CAP_ID.of(CAPABILITY_ID)
          | CapabilityHeader.TYPE.of(CAPABILITY_TYPE)
          | CapabilityHeader.REVISION.of(CAPABILITY_REVISION)
          | CapabilityHeader.IOTLB_SUP.mask()
          | CapabilityHeader.EFR_SUP.mask();

  /**
   * Six levels of v1 tables, five of v2 tables, three of GCR3 tables, PASIDs of 20 bits, eight
   * segments, and every feature bit that is modelled.
   */
  static final long FULL_EFR =
      (Capabilities.EFR_MODELLED
              & ~(Efr.HATS.mask()
                  | Efr.GATS.mask()
                  | Efr.GLX_SUP.mask()
                  | Efr.PAS_MAX.mask()
                  | Efr.DEV_TBL_SEG_SUP.mask()))
          | Efr.HATS.of(2)
          | Efr.GATS.of(1)
          | Efr.GLX_SUP.of(2)
          | Efr.PAS_MAX.of(19)
          | Efr.DEV_TBL_SEG_SUP.of(3);

  /** GCR3 roots as guest addresses, 2048 interrupts per device, no HyperTransport windows. */
  static final long FULL_EFR2 =
      Efr2.GCR3_TRP_MODE_SUP.mask() | Efr2.NUM_INT_REMAP_SUP.of(1) | Efr2.HT_RANGE_IGNORE.mask();

  /** The default profile. */
  static final Profile FULL = profile(FULL_NAME, FULL_EFR, FULL_EFR2, Map.of(), List.of());

  // The emulated machines of the vector files: EFR. They have no HyperTransport windows,
  // look at an entry as soon as they are told that it changed, and keep none.
  private static final long EFR_V1 = 0x29D3;
  private static final long EFR_V1_XT = 0x29D7;
  private static final Map<String, Long> NO_WINDOWS = Map.of(Capabilities.HT_WINDOWS, 0L);
  private static final Map<String, Long> EMULATED =
      Map.of(Capabilities.HT_WINDOWS, 0L, Choices.DEVTAB_FETCH, 1L, CacheGeometry.DEVICE, 0L);

  private static final Map<String, Profile> CONFIGURATIONS = new LinkedHashMap<>();

  static {
    configuration("v1", EFR_V1);
    configuration("v1-xt", EFR_V1_XT);
  }

  private AmdviProfiles() {}

  private static void configuration(String name, long efr) {
    CONFIGURATIONS.put(name, profile(name, efr, 0, EMULATED, vectorRam()));
  }

  /** 0 to 2 GiB and 4 to 66 GiB. */
  private static List<MemoryRegion> vectorRam() {
    return List.of(
        MemoryRegion.ram(0, 0x8000_0000L), MemoryRegion.ram(0x1_0000_0000L, 0xF_8000_0000L));
  }

  private static Profile profile(
      String name, long efr, long efr2, Map<String, Long> parameters, List<MemoryRegion> ram) {
    return new Profile(
        AmdviFactory.AMDVI,
        name,
        Map.of(Capabilities.EFR, efr, Capabilities.EFR2, efr2, Capabilities.HEADER, FULL_HEADER),
        parameters,
        ram,
        MMIO_BASE);
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
   * The profile with the identification registers among these. A capture has neither the capability
   * block nor a word about HyperTransport windows: the default profile&#39;s block and no windows
   * are assumed. Without EFR2 there is none.
   */
  static Profile of(List<RegisterValue> registers, Consumer<String> remarks) {
    long efr = FULL_EFR;
    long efr2 = 0;
    boolean stated = false;
    for (RegisterValue register : registers) {
      if (register.bytes() == 8 && isAt(register, Capabilities.EFR)) {
        efr = register.value();
        stated = true;
      } else if (register.bytes() == 8 && isAt(register, Capabilities.EFR2)) {
        efr2 = register.value();
      }
    }
    if (!stated) {
      remarks.accept(
          "%s is not among the registers; 0x%x of profile %s is assumed"
              .formatted(Capabilities.EFR, efr, FULL_NAME));
    }
    remark(Capabilities.EFR, Efr.LAYOUT, efr, Capabilities.EFR_MODELLED, remarks);
    remark(Capabilities.EFR2, Efr2.LAYOUT, efr2, Capabilities.EFR2_MODELLED, remarks);
    return profile("registers", efr, efr2, NO_WINDOWS, List.of());
  }

  private static boolean isAt(RegisterValue register, String name) {
    return AmdviDictionary.IDENTIFICATION.stream()
        .anyMatch(row -> row.name().equals(name) && row.offset() == register.offset());
  }

  private static void remark(
      String register, Layout layout, long value, long modelled, Consumer<String> remarks) {
    for (Field field : layout.fields()) {
      if (field.isSet(value & ~modelled)) {
        remarks.accept(
            "%s.%s=%d is claimed and not modelled; it is inert"
                .formatted(register, field.name(), field.get(value)));
      }
    }
    if ((value & layout.reserved(0)) != 0) {
      remarks.accept(
          "%s has bits 0x%x without a known meaning; they are inert"
              .formatted(register, value & layout.reserved(0)));
    }
  }
}
