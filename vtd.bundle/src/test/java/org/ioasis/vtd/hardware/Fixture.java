package org.ioasis.vtd.hardware;

import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;

/** The structures of the fact sheet's worked examples: device 03:05.1, domain 42h, PASID 1234h. */
final class Fixture {
  static final int SID = 0x329;
  static final int PASID = 0x1234;
  static final long SECOND_STAGE_IOVA = 0x1234_5678_9ABCL;
  static final long FIRST_STAGE_IOVA = 0x7F81_2345_6ABCL;
  static final long RAM_END = 0x10_0000_0000L;

  /** QEMU's default: 39 and 48 bits, 2M and 1G pages, PT. */
  static final Capabilities LEGACY = new Capabilities(0x10, 0x80D2008C222F0606L, 0xF42L, 48);

  /** Scalable mode with second and first stage and PASID; SSTS and FSTS both set. */
  static final Capabilities SCALABLE =
      new Capabilities(0x10, 0x81D2008C222F0606L, 0x0000C93800F00F4AL, 48);

  static final Latched LEGACY_MODE = new Latched(true, Latched.TTM_LEGACY, 0x10_0000L, false, 0);
  static final Latched SCALABLE_MODE =
      new Latched(true, Latched.TTM_SCALABLE, 0x10_0000L, false, 0);

  private Fixture() {}

  /** Legacy 4-level tables of section 16.1. */
  static TestMemory legacy() {
    return new TestMemory(RAM_END)
        .at(0x10_0030, 0x10_1001L, 0)
        .at(0x10_1290, 0x20_0001L, 0x4202L)
        .at(0x20_0120, 0x20_1003L)
        .at(0x20_1688, 0x20_2003L)
        .at(0x20_2598, 0x20_3003L)
        .at(0x20_3C48, 0x8_9ABC_D003L);
  }

  /** Scalable mode of section 16.2: PASID 1234h first stage, RID_PASID 0 second stage. */
  static TestMemory scalable() {
    return legacy()
        .at(0x10_0030, 0x11_0001L, 0x11_1001L)
        .at(0x11_0520, 0x12_001DL, 0, 0, 0)
        .at(0x12_0240, 0x13_0001L)
        .at(0x13_0D00, 0x49L, 0x80_0001L, 0x30_0000L, 0, 0, 0, 0, 0)
        .at(0x12_0000, 0x13_1001L)
        .at(0x13_1000, 0x20_0089L, 0x80_0042L, 0, 0, 0, 0, 0, 0)
        .at(0x30_0000 + 0x0FF * 8, 0x30_1027L)
        .at(0x30_1000 + 0x004 * 8, 0x30_2027L)
        .at(0x30_2000 + 0x11A * 8, 0x30_3027L)
        .at(0x30_3000 + 0x056 * 8, 0x5_DEAD_B067L);
  }

  static DmaRequest request(long iova, int access) {
    return new DmaRequest().set(SID, DmaRequest.NO_PASID, iova, 4, access);
  }

  static DmaRequest withPasid(long iova, int access) {
    return new DmaRequest().set(SID, PASID, iova, 4, access);
  }

  /** What the reference walk says. */
  static Answer reference(
      TestMemory memory, Capabilities capabilities, DmaRequest request, Latched latched) {
    ReferenceWalker walker = new ReferenceWalker(memory, capabilities);
    return walker.walk(request, latched, walker.story());
  }

  static Translator translator(TestMemory memory, Capabilities capabilities) {
    return new Translator(memory, capabilities, CacheGeometry.DEFAULT);
  }

  /** The translator's packed answer in neutral words. */
  static Answer answer(DmaRequest request, long translation) {
    if (Translation.isPresent(translation)) {
      return Answer.ok(
          Translation.address(translation), Translation.spanLg2(translation), request.rights());
    }
    return Translation.refusal(translation) == Translation.Refusal.FAULT
        ? Answer.fault(request.faultCode())
        : Answer.blocked(request.faultCode());
  }
}
