package org.ioasis.domain.swap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ioasis.amdvi.driver.AmdViDriverFactory;
import org.ioasis.amdvi.hardware.AmdviFactory;
import org.ioasis.api.Reason;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Page requests that are open while their unit is exchanged, with and without a router. */
class CarriedFaultsTest {
  private static final int NO_PASID = DmaRequest.NO_PASID;

  private final OpenRouter router = new OpenRouter();
  private Rig rig;
  private TestDevice nic;
  private Device device;
  private AddressSpace space;

  @BeforeEach
  void start() {
    rig =
        new Rig(new DeviceSettings().route("0x0-0xff=old"))
            .unit("old", new AmdviFactory(), "full")
            .unit("new", new AmdviFactory(), "full")
            .drivers(new AmdViDriverFactory());
    nic = rig.device(new EndpointSpec("nic", 0x20, false, true, true, false, 0));
    device = rig.bind(nic);
    space = rig.space("s");
    Rig.attach(device, space);
  }

  @AfterEach
  void stop() {
    assertThat(router.unrecoverable).hasValue(0);
    assertThat(router.lost).hasValue(0);
    rig.close();
  }

  private void ask(int group) {
    assertThat(
            nic.port()
                .requestPage(
                    new PageRequest(0x20, NO_PASID, 0x7000, DmaRequest.WRITE, false, group, true)))
        .isTrue();
  }

  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  void anOpenGroupIsAnsweredThroughTheNewDriver(SwapRequest.Order order) {
    router.cameTo(rig);
    ask(5);
    assertThat(router.open).singleElement().matches(fault -> fault.group() == 5);
    SwapReport report =
        rig.core
            .swapService()
            .swap(new SwapRequest("old", "new", order, SwapRequest.Formats.REFUSE));
    assertThat(report.performed()).isTrue();
    assertThat(report.faultsCarried()).isEqualTo(1);
    assertThat(report.faultsClosed()).isZero();
    assertThat(router.drains).as("a swap closes nothing").isEmpty();
    assertThat(nic.told).noneMatch(word -> word.startsWith("response"));
    rig.map(space, rig.memory("m", 1), 0x7000);
    BatchResult answered =
        rig.core
            .parts()
            .origin()
            .respond(List.of(FaultAnswer.to(router.open.get(0), PageResponse.Code.SUCCESS)));
    assertThat(answered.complete()).isTrue();
    assertThat(nic.told).endsWith("response 5 SUCCESS");
    assertThat(nic.store(0x7000, 1)).isTrue();
    assertThat(nic.told)
        .as("what it has asked for is not switched off on the way")
        .noneMatch(word -> word.startsWith("enable true false") || word.contains("false false"));
  }

  @Test
  @Requirement({48, 49})
  void aDetachDrainsItsPlaceAndTheRouteHasTheLabel() {
    router.cameTo(rig);
    assertThat(rig.core.parts().origin().routes().routes())
        .singleElement()
        .satisfies(
            route -> {
              assertThat(route.label()).isEqualTo(0x20);
              assertThat(route.version()).isEqualTo(1);
            });
    ask(5);
    device.detach(NO_PASID);
    assertThat(router.drains).as("before and after its entry").containsExactly("0x20", "0x20");
    assertThat(router.open).isEmpty();
    assertThat(rig.core.parts().origin().routes().version()).isEqualTo(2);
  }

  @Test
  @Requirement({45, 52})
  void withoutARouterEveryRequestIsAnsweredInvalid() {
    ask(7);
    assertThat(nic.told).endsWith("response 7 INVALID_REQUEST");
    router.cameTo(rig);
    ask(8);
    assertThat(nic.told).doesNotContain("response 8 INVALID_REQUEST");
    rig.core.parts().devices().router(null);
    rig.core.parts().hosts().routerGone(router);
    ask(9);
    assertThat(nic.told).endsWith("response 9 INVALID_REQUEST");
  }

  @Test
  void anAnswerToADeviceThatNobodyServesIsGone() {
    router.cameTo(rig);
    ask(5);
    FaultAnswer answer = FaultAnswer.to(router.open.get(0), PageResponse.Code.SUCCESS);
    rig.removeUnit("old");
    BatchResult result = rig.core.parts().origin().respond(List.of(answer));
    assertThat(result.done()).isZero();
    assertThat(result.reason()).isEqualTo(Reason.GONE);
  }
}
