package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.MsiMessage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The interrupts that real devices of captured machines sent, through a unit of ours. */
class CaptureInterruptsTest {
  static List<String> cases() {
    return Capture.CASES;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void interruptsAreRemappedAsRecorded(String name) {
    Capture capture = new Capture(name);
    Rig rig = Rig.of(0x10, capture.register(0x08), capture.register(0x10));
    long irta = capture.register(0xB8);
    for (long at = irta & -0x1000L; at < (irta & -0x1000L) + 0x10_0000; at += 8) {
      if (capture.memory.load64(at) != 0) {
        rig.poke(at, capture.memory.load64(at));
      }
    }
    rig.w64(0xB8, irta);
    rig.w32(0x18, 0x0100_0000L);
    rig.w32(0x18, 0x0200_0000L);
    List<Map<String, String>> rows = capture.rows("interrupts.jsonl");
    assertThat(rows).hasSize(18);
    for (Map<String, String> row : rows) {
      long upper = Long.decode(row.get("irte_lo"));
      long at = (irta & -0x1000L) + 16 * Long.parseLong(row.get("index"));
      assertThat(rig.peek(at)).as("%s", row).isEqualTo(Long.decode(row.get("irte_hi")));
      assertThat(rig.peek(at + 8)).isEqualTo(upper);
      int source = (int) upper & 0xFFFF;
      MsiMessage message =
          new MsiMessage()
              .set(source, Long.decode(row.get("addr")), Integer.decode(row.get("data")));
      assertThat(rig.unit.remapInterrupt(message)).isTrue();
      assertThat(message.address()).isEqualTo(Long.decode(row.get("out_addr")));
      assertThat(message.data()).isEqualTo(Integer.decode(row.get("out_data")));
      message.set(source ^ 0x100, Long.decode(row.get("addr")), Integer.decode(row.get("data")));
      assertThat(rig.unit.remapInterrupt(message)).as("from elsewhere").isFalse();
      rig.w32(0x22C, 0x8000_0000L);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sourcesOfRecordedInterrupts(String name) {
    for (Map<String, String> cells : new Capture(name).rows("interrupts.jsonl")) {
      Row row = new Row();
      cells.forEach(row::text);
      assertThat(new VtdAnswers().interruptSource(row))
          .hasValue(Integer.decode(cells.get("irte_lo")) & 0xFFFF);
    }
  }
}
