package org.ioasis.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.ioasis.kit.layout.Layout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Descriptors against the words an operating system's driver builds and another model's masks. */
class DescriptorLayoutTest {
  private static final Map<Integer, Layout> LAYOUTS =
      Map.of(
          1, ContextCacheInvalidate.LAYOUT,
          2, IotlbInvalidate.LAYOUT,
          3, DeviceTlbInvalidate.LAYOUT,
          4, InterruptEntryCacheInvalidate.LAYOUT,
          5, InvalidationWait.LAYOUT,
          6, PasidIotlbInvalidate.LAYOUT,
          7, PasidCacheInvalidate.LAYOUT,
          8, PasidDeviceTlbInvalidate.LAYOUT,
          9, PageGroupResponse.LAYOUT);

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          read and write, last | 0000123403290101 | 00007F8123456D5F | TYPE=1 PP=1 PDP=0 RID=0x329 PASID=0x1234 EXE=0 PRIV=0 RD=1 WR=1 LPIG=1 PRGI=0x1ab ADDR=0x7f8123456000 DATA=0 DATA2=0
          without PASID        | 0000000003290001 | 000012345678902D | TYPE=1 PP=0 PDP=0 RID=0x329 PASID=0 EXE=0 PRIV=0 RD=1 WR=0 LPIG=1 PRGI=5 ADDR=0x123456789000 DATA=0 DATA2=0
          stop marker          | 0000123403290101 | 0000000000000004 | TYPE=1 PP=1 PDP=0 RID=0x329 PASID=0x1234 EXE=0 PRIV=0 RD=0 WR=0 LPIG=1 PRGI=0 ADDR=0x0 DATA=0 DATA2=0
          EXE and PRIV         | 0030123403290101 | 0000000000000001 | TYPE=1 PP=1 PDP=0 RID=0x329 PASID=0x1234 EXE=1 PRIV=1 RD=1 WR=0 LPIG=0 PRGI=0 ADDR=0x0 DATA=0 DATA2=0
          """)
  void fieldsOfPageRequests(String name, String word0, String word1, String fields) {
    long lo = Long.parseUnsignedLong(word0, 16);
    long hi = Long.parseUnsignedLong(word1, 16);
    assertThat(PageRequestDescriptor.LAYOUT.format(lo, hi, 0, 0)).as(name).isEqualTo(fields);
    assertThat(PageRequestDescriptor.isStopMarker(lo, hi)).isEqualTo(name.equals("stop marker"));
    assertThat(PageRequestDescriptor.LAYOUT.reserved(0)).isEqualTo(0xFFC0_0000_0000_FC00L);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "4 KiB,      0000123456789000, false, 12, 0000123456789000",
    "8 KiB,      0000123456788000, true,  13, 0000123456788000",
    "16 KiB,     0000123456789000, true,  14, 0000123456788000",
    "64 KiB,     00007F8123457000, true,  16, 00007F8123450000",
    "2 MiB,      00001234566FF000, true,  21, 0000123456600000",
    "everything, 7FFFFFFFFFFFF000, true,  64, 0000000000000000",
    "half,       3FFFFFFFFFFFF000, true,  63, 0000000000000000",
  })
  void sizesOfDeviceTlbRanges(String name, String address, boolean sized, int lg2, String base) {
    long coded = Long.parseUnsignedLong(address, 16);
    long first = Long.parseUnsignedLong(base, 16);
    assertThat(DeviceTlbRange.sizeLg2(coded, sized)).as(name).isEqualTo(lg2);
    assertThat(DeviceTlbRange.base(coded, sized)).as(name).isEqualTo(first);
    assertThat(DeviceTlbRange.isSized(lg2)).isEqualTo(sized);
    if (lg2 != 63) { // half of everything is asked for as everything
      assertThat(DeviceTlbRange.encode(first, lg2)).as(name).isEqualTo(coded);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cc global         | 0000000000000011 | 0                | TYPE=1 G=1 TYPE_HIGH=0 DID=0 SID=0 FM=0
          cc domain         | 0000000000420021 | 0                | TYPE=1 G=2 TYPE_HIGH=0 DID=0x42 SID=0 FM=0
          cc device         | 0000032900420031 | 0                | TYPE=1 G=3 TYPE_HIGH=0 DID=0x42 SID=0x329 FM=0
          cc device, FM 3   | 0003032800420031 | 0                | TYPE=1 G=3 TYPE_HIGH=0 DID=0x42 SID=0x328 FM=3
          iotlb global      | 00000000000000D2 | 0                | TYPE=2 G=1 DW=1 DR=1 TYPE_HIGH=0 DID=0 AM=0 IH=0 ADDR=0x0
          iotlb domain      | 00000000004200E2 | 0                | TYPE=2 G=2 DW=1 DR=1 TYPE_HIGH=0 DID=0x42 AM=0 IH=0 ADDR=0x0
          iotlb page        | 00000000004200F2 | 0000123456789000 | TYPE=2 G=3 DW=1 DR=1 TYPE_HIGH=0 DID=0x42 AM=0 IH=0 ADDR=0x123456789000
          iotlb 2 MiB, IH   | 00000000004200F2 | 0000123456600049 | TYPE=2 G=3 DW=1 DR=1 TYPE_HIGH=0 DID=0x42 AM=9 IH=1 ADDR=0x123456600000
          dev_tlb 4K        | 0000032900100003 | 0000123456789000 | TYPE=3 TYPE_HIGH=0 PFSID_LO=0 MIP=0x10 SID=0x329 PFSID_HI=0 S=0 ADDR=0x123456789000
          dev_tlb 8K        | 0000032900100003 | 0000123456788001 | TYPE=3 TYPE_HIGH=0 PFSID_LO=0 MIP=0x10 SID=0x329 PFSID_HI=0 S=1 ADDR=0x123456788000
          dev_tlb PFSID     | 0300032900100003 | 0000123456789000 | TYPE=3 TYPE_HIGH=0 PFSID_LO=0 MIP=0x10 SID=0x329 PFSID_HI=0x30 S=0 ADDR=0x123456789000
          iec global        | 0000000000000004 | 0                | TYPE=4 G=0 TYPE_HIGH=0 IM=0 IIDX=0
          iec index         | 0000123818000014 | 0                | TYPE=4 G=1 TYPE_HIGH=0 IM=3 IIDX=0x1238
          wait SW           | 0000000200000025 | 0000000100059C04 | TYPE=5 IF=0 SW=1 FN=0 PD=0 TYPE_HIGH=0 STDATA=2 STADDR=0x100059c04
          wait IF           | 0000000000000015 | 0                | TYPE=5 IF=1 SW=0 FN=0 PD=0 TYPE_HIGH=0 STDATA=0 STADDR=0x0
          wait IF SW FN     | CAFEF00D00000075 | 0000000000150000 | TYPE=5 IF=1 SW=1 FN=1 PD=0 TYPE_HIGH=0 STDATA=0xcafef00d STADDR=0x150000
          wait SW PD        | 00000002000000A5 | 0000000000150000 | TYPE=5 IF=0 SW=1 FN=0 PD=1 TYPE_HIGH=0 STDATA=2 STADDR=0x150000
          p_iotlb all       | 0000123400420026 | 0                | TYPE=6 G=2 TYPE_HIGH=0 DID=0x42 PASID=0x1234 AM=0 IH=0 ADDR=0x0
          p_iotlb page, IH  | 0000123400420036 | 00007F8123456040 | TYPE=6 G=3 TYPE_HIGH=0 DID=0x42 PASID=0x1234 AM=0 IH=1 ADDR=0x7f8123456000
          p_iotlb 16 pages  | 0000123400420036 | 00007F8123450004 | TYPE=6 G=3 TYPE_HIGH=0 DID=0x42 PASID=0x1234 AM=4 IH=0 ADDR=0x7f8123450000
          pc DID            | 0000000000420007 | 0                | TYPE=7 G=0 TYPE_HIGH=0 DID=0x42 PASID=0
          pc DID+PASID      | 0000123400420017 | 0                | TYPE=7 G=1 TYPE_HIGH=0 DID=0x42 PASID=0x1234
          pc global         | 0000000000000037 | 0                | TYPE=7 G=3 TYPE_HIGH=0 DID=0 PASID=0
          p_dev_tlb 4K      | 0000123403290108 | 00007F8123456000 | TYPE=8 MIP=0x10 TYPE_HIGH=0 PFSID_LO=0 SID=0x329 PASID=0x1234 PFSID_HI=0 G=0 S=0 ADDR=0x7f8123456000
          p_dev_tlb 64K     | 0000123403290108 | 00007F8123457800 | TYPE=8 MIP=0x10 TYPE_HIGH=0 PFSID_LO=0 SID=0x329 PASID=0x1234 PFSID_HI=0 G=0 S=1 ADDR=0x7f8123457000
          pgrp_resp success | 0000123403290019 | 0000000000000D58 | TYPE=9 PP=1 TYPE_HIGH=0 RC=0 RID=0x329 PASID=0x1234 LPIG=0 PRGI=0x1ab
          pgrp_resp invalid | 0000123403291019 | 0000000000000D58 | TYPE=9 PP=1 TYPE_HIGH=0 RC=1 RID=0x329 PASID=0x1234 LPIG=0 PRGI=0x1ab
          pgrp_resp failure | 000012340329F019 | 0000000000000D58 | TYPE=9 PP=1 TYPE_HIGH=0 RC=0xf RID=0x329 PASID=0x1234 LPIG=0 PRGI=0x1ab
          """)
  void fieldsOfKnownDescriptors(String name, String word0, String word1, String fields) {
    long lo = Long.parseUnsignedLong(word0, 16);
    long hi = Long.parseUnsignedLong(word1, 16);
    Layout layout = LAYOUTS.get(Descriptor.type(lo));
    assertThat(layout.format(lo, hi, 0, 0)).as(name).isEqualTo(fields);
  }

  /**
   * Another model's reserved masks. It counts type[6:4] (E00h) as no reserved bits, has neither
   * PFSID nor PD and takes bit 5 of a page group response with its 8:6; types 1, 4 and 7 reserve
   * all of qw1.
   */
  @ParameterizedTest(name = "type {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1 | FFFC00000000F1C0 | FFFFFFFFFFFFFFFF
          2 | FFFFFFFF0000F100 | 0000000000000F80
          3 | 000F0000FFE001F0 | 0000000000000FFE
          4 | FFFF000007FFF1E0 | FFFFFFFFFFFFFFFF
          5 | 00000000FFFFF100 | 0000000000000003
          6 | FFF000000000F1C0 | 0000000000000F80
          7 | FFF000000000F1C0 | FFFFFFFFFFFFFFFF
          8 | 0000000000000000 | 00000000000007FE
          9 | FFF00000000001E0 | FFFFFFFFFFFFF003
          """)
  void reservedBits(int type, String word0, String word1) {
    Layout layout = LAYOUTS.get(type);
    assertThat(layout.reserved(0)).isEqualTo(Long.parseUnsignedLong(word0, 16));
    assertThat(layout.reserved(1)).isEqualTo(Long.parseUnsignedLong(word1, 16));
    assertThat(layout.reserved(2)).isEqualTo(-1L);
    assertThat(layout.reserved(3)).isEqualTo(-1L);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "5, 5", "10, A", "21, 205", "117, E05", "127, E0F"})
  void theTypeHasTwoParts(int type, String word0) {
    assertThat(Descriptor.type(Long.parseUnsignedLong(word0, 16))).isEqualTo(type);
  }
}
