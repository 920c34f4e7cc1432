package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.kit.driver.Gather;
import org.junit.jupiter.api.Test;

/** Descriptors against literal words: domain 42h, PASID 1234h. */
class TableInvalidationTest {
  private static final int DID = 0x42;

  private final Gather gather = new Gather();
  private final DescriptorList list = new DescriptorList();

  private void describe(boolean firstStage, int mask, int... places) {
    TableInvalidation.describe(list.clear(), gather, DID, firstStage, places, mask);
  }

  private void expect(long... words) {
    assertThat(list.count()).isEqualTo(words.length / 2);
    for (int i = 0; i < words.length; i += 2) {
      assertThat(list.low(i / 2)).isEqualTo(words[i]);
      assertThat(list.high(i / 2)).isEqualTo(words[i + 1]);
    }
  }

  @Test
  void aPage() {
    gather.add(0x1234_5678_9000L, 0x1234_5678_9FFFL, 12);
    describe(false, 18, 0);
    expect(0x4200F2, 0x1234_5678_9040L);
  }

  @Test
  void pagesThatTouchBecomeOneRange() {
    for (long page = 0x1234_5660_0000L; page < 0x1234_5680_0000L; page += 0x1000) {
      gather.add(page, page + 0xFFF, 12);
    }
    describe(false, 18, 0);
    expect(0x4200F2, 0x1234_5660_0049L);
  }

  @Test
  void aTableThatWentClearsTheHint() {
    gather.addStructural(0x1234_5660_0000L, 0x1234_567F_FFFFL, 12);
    describe(false, 18, 0);
    expect(0x4200F2, 0x1234_5660_0009L);
  }

  @Test
  void aRangeIsRoundedToAnAlignedPowerOfTwo() {
    gather.add(0x3000, 0x4FFF, 12); // pages 3 and 4: 8 pages from 0
    describe(false, 18, 0);
    expect(0x4200F2, 0x43);
  }

  @Test
  void whatNoMaskCoversBecomesTheDomain() {
    gather.add(0x3FFF_F000L, 0x4000_0FFFL, 12);
    describe(false, 18, 0);
    expect(0x4200E2, 0);
    gather.add(0, 0xFFF, 12);
    describe(false, -1, 0);
    expect(0x4200E2, 0);
  }

  @Test
  void moreRangesThanAreKeptBecomeTheDomain() {
    for (long i = 0; i <= Gather.MOST_RANGES; i++) {
      gather.add(i * 0x10_0000, i * 0x10_0000 + 0xFFF, 12);
    }
    describe(false, 18, 0);
    expect(0x4200E2, 0);
  }

  @Test
  void firstStageNamesEveryPasid() {
    gather.add(0x7F81_2345_6000L, 0x7F81_2345_6FFFL, 12);
    describe(true, 18, 0, 0x1234);
    expect(0x42_0036, 0x7F81_2345_6040L, 0x1234_0042_0036L, 0x7F81_2345_6040L);
  }

  @Test
  void theOthers() {
    list.contextGlobal()
        .contextDevice(0x329, DID)
        .pasidGlobal()
        .pasid(DID, 0x1234)
        .iotlbGlobal()
        .iotlbDomain(DID)
        .pasidIotlb(DID, 0x1234);
    expect(
        0x11,
        0,
        0x0329_0042_0031L,
        0,
        0x37,
        0,
        0x1234_0042_0017L,
        0,
        0xD2,
        0,
        0x4200E2,
        0,
        0x1234_0042_0026L,
        0);
  }
}
