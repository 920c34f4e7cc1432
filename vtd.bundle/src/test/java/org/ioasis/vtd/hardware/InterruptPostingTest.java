package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.machine.MsiMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Posted interrupts: PIR, ON, SN, URG, the notification, and reasons 27h and 28h. */
class InterruptPostingTest {
  /** The fact sheet's entry: vector 41h, descriptor at 123456780h, from 0329h. */
  private static final long LO = 0x2345_6780_0041_8001L;

  private static final long HI = 0x0000_0001_0004_0329L;
  private static final long DESCRIPTOR = 0x1_2345_6780L;
  private static final long URG = 0x4000;

  /** NV F2h, NDST 12345h. */
  private static final long CONTROL = 0x0001_2345_00F2_0000L;

  private static InterruptRig rig(long eime, long lo, long control) {
    InterruptRig rig = InterruptRig.posting().enabled(eime).entry(3, lo, HI);
    rig.rig.poke(DESCRIPTOR + 32, control);
    return rig;
  }

  /** ON and SN are bits 0 and 1 of the control word. */
  @ParameterizedTest(name = "ON={0} SN={1} URG={2}")
  @CsvSource({
    "0, 0, 0, true,  1",
    "0, 0, 1, true,  1",
    "0, 1, 0, false, 2",
    "0, 1, 1, true,  3",
    "1, 0, 0, false, 1",
    "1, 0, 1, false, 1",
    "1, 1, 0, false, 3",
    "1, 1, 1, false, 3",
  })
  void notification(int on, int sn, int urgent, boolean notifies, int after) {
    InterruptRig rig = rig(InterruptRig.EIME, LO | urgent * URG, CONTROL | sn << 1 | on);
    assertThat(rig.send(3)).isEqualTo(notifies ? "12300fee45000:40f2" : "-");
    assertThat(rig.rig.peek(DESCRIPTOR + 8)).as("PIR bit 41h").isEqualTo(2);
    assertThat(rig.rig.peek(DESCRIPTOR + 32)).isEqualTo(CONTROL | after);
    assertThat(rig.record()).isEqualTo("-");
    assertThat(rig.rig.unit.counters()).containsEntry("interrupts.posted", 1L);
  }

  @Test
  void aSecondOneFindsTheNotificationOutstanding() {
    InterruptRig rig = rig(InterruptRig.EIME, LO, CONTROL);
    assertThat(rig.send(3)).isEqualTo("12300fee45000:40f2");
    assertThat(rig.send(3)).isEqualTo("-");
    rig.rig.poke(DESCRIPTOR + 8, 0);
    rig.rig.poke(DESCRIPTOR + 32, CONTROL);
    assertThat(rig.send(3)).isEqualTo("12300fee45000:40f2");
    assertThat(rig.rig.peek(DESCRIPTOR + 8)).isEqualTo(2);
  }

  /** EIME=0: the APIC id is NDST bits 15:8, here 23h. */
  @Test
  void shortDestination() {
    assertThat(rig(0, LO, CONTROL).send(3)).isEqualTo("fee23000:40f2");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 1",
    "3F, 0, 8000000000000000",
    "40, 8, 1",
    "9F, 10, 80000000",
    "FF, 18, 8000000000000000"
  })
  void placeOfTheVector(String vector, String offset, String bit) {
    long lo = (LO & ~0xFF_0000L) | Long.parseLong(vector, 16) << 16;
    InterruptRig rig = rig(InterruptRig.EIME, lo, CONTROL);
    rig.send(3);
    for (long at = 0; at < 32; at += 8) {
      long expected = at == Long.parseLong(offset, 16) ? Long.parseUnsignedLong(bit, 16) : 0;
      assertThat(rig.rig.peek(DESCRIPTOR + at)).isEqualTo(expected);
    }
  }

  /** Whether FPD is set or not, nothing is posted; with it nothing is recorded. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // what, lo, hi, offset of a word and its value, reason
    "27 descriptor absent,  0000000000418001, 0000000200040329, 0, 0, 27",
    "28 bit 258,            2345678000418001, 0000000100040329, 20, 4, 28",
    "28 bit 271,            2345678000418001, 0000000100040329, 20, 8000, 28",
    "28 bit 280,            2345678000418001, 0000000100040329, 20, 1000000, 28",
    "28 bit 287,            2345678000418001, 0000000100040329, 20, 80000000, 28",
    "28 bit 320,            2345678000418001, 0000000100040329, 28, 1, 28",
    "28 bit 447,            2345678000418001, 0000000100040329, 30, 8000000000000000, 28",
    "28 bit 511,            2345678000418001, 0000000100040329, 38, 8000000000000000, 28",
    "24 bit 2,              2345678000418005, 0000000100040329, 0, 0, 24",
    "24 bit 13,             234567800041A001, 0000000100040329, 0, 0, 24",
    "24 PDA not aligned,    2345678200418001, 0000000100040329, 0, 0, 24",
    "24 bit 24,             2345678001418001, 0000000100040329, 0, 0, 24",
    "24 bit 95,             2345678000418001, 0000000180040329, 0, 0, 24",
    "24 PDA beyond HAW,     2345678000418001, 0001000100040329, 0, 0, 24",
    "26 another source,     2345678000418001, 000000010004032A, 0, 0, 26",
    "22 not present,        2345678000418000, 0000000100040329, 0, 0, 22",
  })
  void refused(String what, String lo, String hi, String offset, String value, String reason) {
    for (int fpd = 0; fpd <= 2; fpd += 2) {
      InterruptRig rig = InterruptRig.posting().enabled(InterruptRig.EIME);
      rig.entry(3, Long.parseUnsignedLong(lo, 16) | fpd, Long.parseUnsignedLong(hi, 16));
      rig.rig.poke(DESCRIPTOR + Long.parseLong(offset, 16), Long.parseUnsignedLong(value, 16));
      assertThat(rig.send(3)).as(what).isEqualTo("-");
      assertThat(rig.record())
          .isEqualTo(fpd != 0 ? "-" : "3000000000000 800000" + reason + "00000329");
      assertThat(rig.rig.peek(DESCRIPTOR + 8)).as("PIR").isZero();
      assertThat(rig.rig.unit.counters())
          .containsEntry("interrupts.refused", 1L)
          .containsEntry("interrupts.unrecorded", fpd / 2L)
          .containsEntry("interrupts.posted", 0L);
    }
  }

  /** Four devices post 64 vectors each into one descriptor: no bit is lost, one notification. */
  @Test
  void concurrentPosting() throws InterruptedException {
    InterruptRig rig = InterruptRig.posting().enabled(InterruptRig.EIME);
    for (int vector = 0; vector < 256; vector++) {
      rig.entry(vector, (LO & ~0xFF_0000L) | (long) vector << 16, HI);
    }
    rig.rig.poke(DESCRIPTOR + 32, CONTROL);
    AtomicInteger notifications = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int device = 0; device < 4; device++) {
      int first = device;
      threads.add(
          new Thread(
              () -> {
                MsiMessage message = new MsiMessage();
                for (int vector = first; vector < 256; vector += 4) {
                  message.set(InterruptRig.SID, InterruptRig.request(vector), 0);
                  if (rig.rig.unit.remapInterrupt(message)) {
                    notifications.incrementAndGet();
                  }
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(notifications).hasValue(1);
    for (long at = 0; at < 32; at += 8) {
      assertThat(rig.rig.peek(DESCRIPTOR + at)).isEqualTo(-1L);
    }
  }

  @Test
  void theInspectorShowsTableAndDescriptors() {
    InterruptRig rig = rig(InterruptRig.EIME, LO, CONTROL);
    rig.entry(4, LO, HI).entry(5, LO & ~1L, HI).entry(6, InterruptRig.X2APIC_LO, InterruptRig.HI);
    rig.command(InterruptRig.CFI);
    Inspector inspector = rig.rig.unit.inspector();
    assertThat(inspector.unit().cells())
        .extractingByKeys(
            "interrupt-remapping",
            "interrupt-table",
            "interrupt-entries",
            "extended-interrupts",
            "compatibility-interrupts")
        .extracting(cell -> cell.value())
        .containsExactly(true, 0x16_0000L, 0x1_0000L, true, true);
    Map<String, List<Long>> pages = new java.util.TreeMap<>();
    inspector.reachablePages(
        (address, kind) -> pages.computeIfAbsent(kind, key -> new ArrayList<>()).add(address));
    assertThat(pages.get("posted-interrupt-descriptor")).containsExactly(0x1_2345_6000L);
    assertThat(pages.get("interrupt-remapping-table"))
        .hasSize(256)
        .startsWith(0x16_0000L)
        .endsWith(0x25_F000L);
  }
}
