package org.ioasis.domain.swap;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.domain.swap.SwapLoadTest.Vendor;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Devices that can and cannot wait for the answer to a fault, in one space and behind any unit. */
class WaitingDevicesTest {
  private static final long IOVA = 0x5000;

  private final Rig rig =
      new Rig(
          new DeviceSettings()
              .route("0x0-0xff=VTD")
              .route("0x100-0x1ff=SMMUV3")
              .route("0x200-0x2ff=AMDVI"));
  private final AddressSpace space;

  WaitingDevicesTest() {
    for (Vendor vendor : Vendor.values()) {
      rig.unit(vendor.name(), vendor.hardware, "full").drivers(vendor.driver);
    }
    space = rig.space("s");
    rig.map(space, rig.memory("m", 1), IOVA);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private static int firstSource(Vendor vendor) {
    return switch (vendor) {
      case VTD -> 0;
      case SMMUV3 -> 0x100;
      case AMDVI -> 0x200;
    };
  }

  /** What the fact sheets say: whom a unit with everything lets wait. */
  private static boolean canWait(Vendor vendor, EndpointSpec spec) {
    boolean asks = spec.ats() && spec.pri();
    return switch (vendor) {
      case VTD -> asks && spec.trusted(); // untrusted ones get no ATS
      case AMDVI -> asks;
      case SMMUV3 -> asks || spec.stall();
    };
  }

  private TestDevice attached(EndpointSpec spec) {
    TestDevice device = rig.device(spec);
    Rig.attach(rig.bind(device), space);
    return device;
  }

  /** Whether the domain at a device takes its faults. */
  private boolean waits(TestDevice device) {
    return rig.core.parts().domains().all().stream()
        .filter(d -> d.attachments().stream().anyMatch(k -> k.sourceId() == device.sourceId()))
        .findFirst()
        .orElseThrow()
        .flags()
        .contains(DomainFlag.FAULT_CAPABLE);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void anyDevicesShareASpaceAndThoseThatCanWait(Vendor vendor) {
    for (int abilities = 0; abilities < 16; abilities++) {
      EndpointSpec spec =
          new EndpointSpec(
              "dev" + abilities,
              firstSource(vendor) + abilities,
              (abilities & 1) != 0,
              (abilities & 2) != 0,
              (abilities & 4) != 0,
              (abilities & 8) != 0,
              0);
      TestDevice device = attached(spec);
      assertThat(device.reads(IOVA)).as("%s", spec).isTrue();
      assertThat(waits(device)).as("%s", spec).isEqualTo(canWait(vendor, spec));
    }
    assertThat(space.domains()).as("one for those that wait").hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  @Requirement(43)
  void whatADeviceCanIsAskedAnewBehindEveryUnit(SwapRequest.Order order) {
    TestDevice asks = attached(new EndpointSpec("asks", 0x20, false, true, true, false, 0));
    for (int step = 1; step < SwapBench.TOUR.size(); step++) {
      Vendor to = Vendor.valueOf(SwapBench.TOUR.get(step));
      swap(SwapBench.TOUR.get(step - 1), to, order);
      assertThat(asks.reads(IOVA)).isTrue();
      assertThat(waits(asks)).as("%s", to).isEqualTo(to != Vendor.VTD);
    }
  }

  @Test
  void whereOneOfThemCannotWaitNoneDoesAndAllAreServed() {
    TestDevice asks = attached(new EndpointSpec("asks", 0x20, false, true, true, false, 0));
    TestDevice plain = attached(new EndpointSpec("plain", 0x21, false, false, false, false, 0));
    swap("VTD", Vendor.AMDVI, SwapRequest.Order.MAKE_BEFORE_BREAK);
    assertThat(waits(asks)).as("they share a table").isFalse();
    assertThat(asks.reads(IOVA)).isTrue();
    assertThat(plain.reads(IOVA)).isTrue();
  }

  private void swap(String from, Vendor to, SwapRequest.Order order) {
    SwapReport report =
        rig.core
            .swapService()
            .swap(new SwapRequest(from, to.name(), order, SwapRequest.Formats.REFUSE));
    assertThat(report.performed()).as("%s", report).isTrue();
  }
}
