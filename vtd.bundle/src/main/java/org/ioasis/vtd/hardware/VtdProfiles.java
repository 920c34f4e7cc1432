package org.ioasis.vtd.hardware;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.kit.layout.Field;
import org.ioasis.vtd.format.Cap;
import org.ioasis.vtd.format.Ecap;
import org.ioasis.vtd.format.RegisterMap;

/**
 * Ready-made profiles, the named configurations of vector files, and profiles after register
 * values.
 *
 * <p>{@link #FULL} claims everything the model does and nothing else. The others are the emulated
 * machines behind the vector files; they select capabilities, never that emulator's errors.
 */
final class VtdProfiles {
  /** Where the register block lies unless a machine says otherwise. */
  static final long MMIO_BASE = 0xFED9_0000L;

  /** Host address width in bits, a profile parameter. */
  static final String HAW = "haw";

  /** Whether ECAP.VCS is claimed, 0 or 1, a profile parameter; without it ECAP decides. */
  static final String VCS = "vcs";

  private static final int LARGEST_HAW = 52;

  /** Physical address bits of a machine that suits the default profile. */
  static final int FULL_BITS = 52;

  /** The name of the default profile. */
  static final String FULL_NAME = "full";

  /** VER of the default profile: a version that still has register-based invalidation. */
  private static final long FULL_VER = 0x50;

  /** Domain-ids of 16 bits; 39, 48 and 57 bit tables; 57 bit guest addresses; 8 fault records. */
  static final long FULL_CAP =
      Cap.ND.of(6)
          | Cap.PLMR.mask()
          | Cap.PHMR.mask()
          | Cap.SAGAW.of(0b01110)
          | Cap.MGAW.of(56)
          | Cap.ZLR.mask()
          | Cap.FRO.of(0x22)
          | Cap.SSLPS.of(Cap.SSLPS_2M | Cap.SSLPS_1G)
          | Cap.PSI.mask()
          | Cap.NFR.of(7)
          | Cap.MAMV.of(18)
          | Cap.DWD.mask()
          | Cap.DRD.mask()
          | Cap.FS1GP.mask()
          | Cap.PI.mask()
          | Cap.FS5LP.mask()
          | Cap.ESIRTPS.mask()
          | Cap.ESRTPS.mask();

  /**
   * PASIDs of 20 bits, IVA at F0h, interrupt index masks up to the whole table, and every feature
   * bit that is modelled.
   */
  static final long FULL_ECAP =
      (Capabilities.ECAP_MODELLED & ~(Ecap.IRO.mask() | Ecap.MHMV.mask() | Ecap.PSS.mask()))
          | Ecap.IRO.of(0xF)
          | Ecap.MHMV.of(15)
          | Ecap.PSS.of(19);

  /** The default profile. */
  static final Profile FULL = profile(FULL_NAME, FULL_VER, FULL_CAP, FULL_ECAP, 52, List.of());

  /** The default profile as virtual units are: caching mode, and refusals that stay. */
  static final String CACHING_NAME = "full-cm";

  private static final long KEPT_REFUSALS = 256;

  static final Profile CACHING =
      new Profile(
          VtdFactory.VTD,
          CACHING_NAME,
          Map.of("VER", FULL_VER, "CAP", FULL_CAP | Cap.CM.mask(), "ECAP", FULL_ECAP),
          Map.of(HAW, 52L, CacheGeometry.REFUSALS, KEPT_REFUSALS),
          List.of(),
          MMIO_BASE);

  // The emulated machines of the vector files: CAP, ECAP, host address width.
  private static final long VECTOR_VER = 0x10;
  private static final long CAP_48 = 0x80D2_008C_222F_0606L;
  private static final long CAP_39 = 0x80D2_008C_2226_0206L;
  private static final long CAP_48_CM = 0x80D2_008C_222F_0686L;
  private static final long CAP_48_1G = 0x81D2_008C_222F_0606L;
  private static final long ECAP_LEGACY = 0xF42L;
  private static final long ECAP_SS = 0x0000_4800_8000_0F42L;
  private static final long ECAP_SS_SC = 0x0000_4800_8000_0FC2L;
  private static final long ECAP_FS = 0x0000_8800_0000_0F42L;
  private static final long ECAP_FS_PASID = ECAP_FS | Ecap.PASID.mask() | Ecap.PSS.of(19);

  private static final Map<String, Profile> CONFIGURATIONS = new LinkedHashMap<>();

  static {
    configuration("legacy48", CAP_48, ECAP_LEGACY, 48);
    configuration("legacy39", CAP_39, ECAP_LEGACY, 39);
    configuration("legacy48-cm", CAP_48_CM, ECAP_LEGACY, 48);
    configuration("scal-ss", CAP_48, ECAP_SS, 48);
    configuration("scal-ss39", CAP_39, ECAP_SS, 39);
    configuration("scal-ss-sc", CAP_48, ECAP_SS_SC, 48);
    configuration("scal-fs", CAP_48_1G, ECAP_FS, 48);
    configuration("scal-fs-no1g", CAP_48, ECAP_FS, 48);
    configuration("scal-fs-pasid", CAP_48_1G, ECAP_FS_PASID, 48);
  }

  private VtdProfiles() {}

  private static void configuration(String name, long cap, long ecap, int haw) {
    CONFIGURATIONS.put(name, profile(name, VECTOR_VER, cap, ecap, haw, vectorRam()));
  }

  /** 0 to 2 GiB and 4 to 66 GiB. */
  private static List<MemoryRegion> vectorRam() {
    return List.of(
        MemoryRegion.ram(0, 0x8000_0000L), MemoryRegion.ram(0x1_0000_0000L, 0xF_8000_0000L));
  }

  private static Profile profile(
      String name, long ver, long cap, long ecap, int haw, List<MemoryRegion> ram) {
    return new Profile(
        VtdFactory.VTD,
        name,
        Map.of("VER", ver, "CAP", cap, "ECAP", ecap),
        Map.of(HAW, (long) haw),
        ram,
        MMIO_BASE);
  }

  /** The default profile, the same with caching mode, then the configurations. */
  static List<Profile> all() {
    List<Profile> all = new ArrayList<>();
    all.add(FULL);
    all.add(CACHING);
    all.addAll(CONFIGURATIONS.values());
    return List.copyOf(all);
  }

  /** The machine behind a {@code cfg} name of a vector file. */
  static Optional<Profile> configuration(String name) {
    return Optional.ofNullable(CONFIGURATIONS.get(name));
  }

  /**
   * The profile with the identification registers among these, the default profile's for those that
   * are missing. The host address width, which no register reports, is taken to be MGAW.
   */
  static Profile of(List<RegisterValue> registers, Consumer<String> remarks) {
    Map<String, Long> identification = new LinkedHashMap<>();
    for (VtdDictionary.Row row : VtdDictionary.IDENTIFICATION) {
      identification.put(row.name(), value(registers, row, remarks));
    }
    long cap = identification.get("CAP");
    long ecap = identification.get("ECAP");
    int haw = (int) Math.max(32, Math.min(LARGEST_HAW, Cap.MGAW.get(cap) + 1));
    remarkClaims("CAP", Cap.LAYOUT.fields(), cap & ~Capabilities.CAP_MODELLED, remarks);
    remarkClaims("ECAP", Ecap.LAYOUT.fields(), ecap & ~Capabilities.ECAP_MODELLED, remarks);
    remarkReserved("CAP", cap & Cap.LAYOUT.reserved(0), remarks);
    remarkReserved("ECAP", ecap & Ecap.LAYOUT.reserved(0), remarks);
    return new Profile(
        VtdFactory.VTD, "registers", identification, Map.of(HAW, (long) haw), List.of(), MMIO_BASE);
  }

  private static long value(
      List<RegisterValue> registers, VtdDictionary.Row row, Consumer<String> remarks) {
    for (RegisterValue register : registers) {
      if (register.offset() == row.offset()
          && (row.offset() == RegisterMap.VER || register.bytes() == 8)) {
        return register.value();
      }
    }
    long assumed = FULL.register(row.name());
    remarks.accept(
        "%s at 0x%x is not among the registers; 0x%x of profile %s is assumed"
            .formatted(row.name(), row.offset(), assumed, FULL_NAME));
    return assumed;
  }

  private static void remarkClaims(
      String register, List<Field> fields, long beyond, Consumer<String> remarks) {
    for (Field field : fields) {
      if (field.isSet(beyond)) {
        remarks.accept(
            "%s.%s=%d is claimed and not modelled; it is inert"
                .formatted(register, field.name(), field.get(beyond)));
      }
    }
  }

  private static void remarkReserved(String register, long bits, Consumer<String> remarks) {
    if (bits != 0) {
      remarks.accept(
          "%s has bits 0x%x without a known meaning; they are inert".formatted(register, bits));
    }
  }
}
