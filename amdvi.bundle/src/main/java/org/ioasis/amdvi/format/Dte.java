package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Device table entry, 256 bits in four words: what a DeviceID leads to. "Device Table Entry
 * Format".
 *
 * <p>The root of the GCR3 table is cut into three fields; {@link #gcr3Root} and the others put it
 * together. Which fields count as reserved because their feature is not offered depends on the
 * profile and is not this layout's: {@link Layout#reserved} names the bits that nobody uses.
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Dte {
  /** Bytes of an entry, and so the distance of two in the table. */
  public static final int BYTES = 32;

  // spotless:off
  public static final Field V               = bit ("V",                 0);         // word 0
  public static final Field TV              = bit ("TV",                1);
  public static final Field HAD             = bits("HAD",               8,   7);    // A/D update
  public static final Field MODE            = bits("Mode",             11,   9);    // levels of the host table
  public static final Field HOST_ROOT       = bits("HostPageTableRoot", 51, 12);
  public static final Field PPR             = bit ("PPR",              52);
  public static final Field GPRP            = bit ("GPRP",             53);
  public static final Field GIOV            = bit ("GIoV",             54);
  public static final Field GV              = bit ("GV",               55);
  public static final Field GLX             = bits("GLX",              57,  56);    // GCR3 levels - 1
  public static final Field GCR3_14_12      = bits("GCR3[14:12]",      60,  58);
  public static final Field IR              = bit ("IR",               61);
  public static final Field IW              = bit ("IW",               62);

  public static final Field DOMAIN_ID       = bits("DomainID",         79,  64);    // word 1
  public static final Field GCR3_30_15      = bits("GCR3[30:15]",      95,  80);
  public static final Field I               = bit ("I",                96);         // device may hold translations
  public static final Field SE              = bit ("SE",               97);
  public static final Field SA              = bit ("SA",               98);
  public static final Field IOCTL           = bits("IoCtl",           100,  99);
  public static final Field CACHE           = bit ("Cache",           101);
  public static final Field SD              = bit ("SD",              102);
  public static final Field EX              = bit ("EX",              103);
  public static final Field SYSMGT          = bits("SysMgt",          105, 104);
  public static final Field SATS            = bit ("SATS",            106);
  public static final Field GCR3_51_31      = bits("GCR3[51:31]",     127, 107);

  public static final Field IV              = bit ("IV",              128);         // word 2
  public static final Field INT_TAB_LEN     = bits("IntTabLen",       132, 129);    // log2 of the entries
  public static final Field IG              = bit ("IG",              133);
  public static final Field INT_ROOT        = bits("IntTableRoot",    179, 134);
  public static final Field GUEST_PAGING    = bits("GuestPagingMode", 183, 182);
  public static final Field INIT_PASS       = bit ("InitPass",        184);
  public static final Field EINT_PASS       = bit ("EIntPass",        185);
  public static final Field NMI_PASS        = bit ("NMIPass",         186);
  public static final Field HPT_MODE        = bit ("HPTMode",         187);
  public static final Field INT_CTL         = bits("IntCtl",          189, 188);
  public static final Field LINT0_PASS      = bit ("Lint0Pass",       190);
  public static final Field LINT1_PASS      = bit ("Lint1Pass",       191);

  public static final Field VIMU_EN         = bit ("vImuEn",          207);         // word 3
  public static final Field GDEVICE_ID      = bits("GDeviceID",       223, 208);
  public static final Field GUEST_ID        = bits("GuestID",         239, 224);
  public static final Field SOFTWARE        = bit ("SW",              245);         // not checked
  public static final Field ATTR_V          = bit ("AttrV",           246);
  public static final Field MODE0_FC        = bit ("Mode0FC",         247);
  public static final Field SNOOP_ATTRIBUTE = bits("SnoopAttribute",  255, 248);

  /** The whole entry. */
  public static final Layout LAYOUT =
      Layout.of(
          "DTE", 256,
          V, TV, HAD, MODE, HOST_ROOT, PPR, GPRP, GIOV, GV, GLX, GCR3_14_12, IR, IW,
          DOMAIN_ID, GCR3_30_15, I, SE, SA, IOCTL, CACHE, SD, EX, SYSMGT, SATS, GCR3_51_31,
          IV, INT_TAB_LEN, IG, INT_ROOT, GUEST_PAGING, INIT_PASS, EINT_PASS, NMI_PASS, HPT_MODE,
          INT_CTL, LINT0_PASS, LINT1_PASS,
          VIMU_EN, GDEVICE_ID, GUEST_ID, SOFTWARE, ATTR_V, MODE0_FC, SNOOP_ATTRIBUTE)
          .inPlace(HOST_ROOT, INT_ROOT);
  // spotless:on

  /** Values of IntCtl: what becomes of fixed and arbitrated interrupts. */
  public static final int INT_ABORT = 0, INT_FORWARD = 1, INT_REMAP = 2;

  /** Values of IoCtl and SysMgt: abort, forward, and translate for each of the two. */
  public static final int RANGE_ABORT = 0,
      RANGE_FORWARD = 1,
      IO_TRANSLATE = 2,
      SYSTEM_MESSAGES_ONLY = 2,
      SYSTEM_TRANSLATE = 3;

  /** Values of HAD: no updates, A alone, A and D. */
  public static final int HAD_NONE = 0, HAD_ACCESSED = 1, HAD_RESERVED = 2, HAD_DIRTY = 3;

  /** Highest legal IntTabLen: 2048 entries. */
  public static final int MAX_INT_TAB_LEN = 11;

  private static final long GCR3_MASK = 0x000F_FFFF_FFFF_F000L;

  private Dte() {}

  /** Address of the GCR3 table, bits 51:12, out of the first two words. */
  public static long gcr3Root(long word0, long word1) {
    return GCR3_14_12.get(word0) << 12 | GCR3_30_15.get(word1) << 15 | GCR3_51_31.get(word1) << 31;
  }

  /**
   * Word 0 with its part of the GCR3 table's address.
   *
   * @param root 4 KiB aligned, below 2^52
   */
  public static long withGcr3Root0(long word0, long root) {
    return GCR3_14_12.put(word0, checked(root) >>> 12 & GCR3_14_12.max());
  }

  /** Word 1 with its parts of the GCR3 table's address; see {@link #withGcr3Root0}. */
  public static long withGcr3Root1(long word1, long root) {
    long middle = GCR3_30_15.put(word1, checked(root) >>> 15 & GCR3_30_15.max());
    return GCR3_51_31.put(middle, root >>> 31);
  }

  private static long checked(long root) {
    if ((root & ~GCR3_MASK) != 0) {
      throw new IllegalArgumentException(
          "DTE: GCR3 root 0x%x is not 4 KiB aligned below 2^52".formatted(root));
    }
    return root;
  }
}
