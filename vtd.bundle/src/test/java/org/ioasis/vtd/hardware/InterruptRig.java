package org.ioasis.vtd.hardware;

import java.util.List;
import java.util.Map;
import org.ioasis.api.machine.MsiMessage;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;

/** A unit with an interrupt remapping table at 160000h and a queue of 128-bit descriptors. */
final class InterruptRig {
  static final long TABLE = 0x16_0000L;
  static final long QUEUE = 0x14_0000L;
  static final int SID = 0x329;

  /** Entries of the fact sheet: vector 31h to APIC 12345h or 5, from 0329h only. */
  static final long X2APIC_LO = 0x0001_2345_0031_0009L;

  static final long XAPIC_LO = 0x0000_0500_0031_0009L;
  static final long HI = 0x0000_0000_0004_0329L;

  static final long EIME = 0x800;
  static final int IRE = 0x0200_0000;
  static final int CFI = 0x0080_0000;
  private static final int SIRTP = 0x0100_0000;
  private static final int QIE = 0x0400_0000;

  private static final long CAP = 0x80D2_008C_222F_0606L;
  private static final long PI = 1L << 59;
  private static final long ESIRTPS = 1L << 62;
  private static final long ECAP = 0xF0_0F5AL;

  final Rig rig;
  private final MsiMessage message = new MsiMessage();
  private int levels;
  private long tail;

  private InterruptRig(Rig rig) {
    this.rig = rig;
    rig.w64(0x90, QUEUE);
    command(QIE);
  }

  /** Without CAP.PI and CAP.ESIRTPS. */
  static InterruptRig plain() {
    return new InterruptRig(Rig.of(0x10, CAP, ECAP));
  }

  /** With CAP.PI. */
  static InterruptRig posting() {
    return new InterruptRig(Rig.of(0x10, CAP | PI, ECAP));
  }

  /** With CAP.ESIRTPS. */
  static InterruptRig pointerInvalidates() {
    return new InterruptRig(Rig.of(0x10, CAP | ESIRTPS, ECAP));
  }

  /** With MHMV 3 and a small cache. */
  static InterruptRig shortMask() {
    Profile profile =
        new Profile(
            "vtd",
            "test",
            Map.of("VER", 0x10L, "CAP", CAP, "ECAP", 0x30_0F5AL),
            Map.of("haw", 48L, "interruptcache.entries", 1024L),
            List.of(),
            0);
    return new InterruptRig(new Rig(profile, Scheduler.Mode.INLINE));
  }

  /** Sets level bits; they stay set. */
  InterruptRig command(int bits) {
    levels |= bits;
    rig.w32(0x18, levels);
    return this;
  }

  /** Gives a table. */
  InterruptRig table(long irta) {
    rig.w64(0xB8, irta);
    rig.w32(0x18, levels | SIRTP);
    return this;
  }

  /** A table of 64 Ki entries at {@link #TABLE}, remapping enabled. */
  InterruptRig enabled(long eime) {
    return table(TABLE | eime | 0xF).command(IRE);
  }

  InterruptRig entry(int index, long lo, long hi) {
    rig.poke(TABLE + 16L * index, lo, hi);
    return this;
  }

  /** Submits a descriptor. */
  InterruptRig invalidate(long descriptor) {
    rig.poke(QUEUE + tail, descriptor, 0);
    tail = tail + 16 & 0xFFF;
    rig.w64(0x88, tail);
    return this;
  }

  /** The address of a request in remappable format with SHV=1, whose index is 0 to FFFFh. */
  static long request(int index) {
    return 0xFEE0_0018L | (index & 0x7FFFL) << 5 | (index & 0x8000L) >>> 13;
  }

  /** Sends an interrupt; what is delivered as {@code address:data} in hexadecimal, or "-". */
  String send(int source, long address, int data) {
    message.set(source, address, data);
    return rig.unit.remapInterrupt(message)
        ? "%x:%x".formatted(message.address(), message.data())
        : "-";
  }

  String send(int index) {
    return send(SID, request(index), 0);
  }

  /** FI, high word of FRCD 0, in hexadecimal; "-" if F is clear. Clears F. */
  String record() {
    long high = rig.r64(0x228);
    if (high >= 0) {
      return "-";
    }
    String text = "%x %x".formatted(rig.r64(0x220), high);
    rig.w32(0x22C, 0x8000_0000L);
    return text;
  }
}
