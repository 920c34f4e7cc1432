package org.ioasis.machine.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.Map;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.machine.EndpointSpec;
import org.junit.jupiter.api.Test;

class PlatformEngineComponentTest {
  private static PlatformEngineComponent.Config config(Map<String, Object> values) {
    return (PlatformEngineComponent.Config)
        Proxy.newProxyInstance(
            PlatformEngineComponentTest.class.getClassLoader(),
            new Class<?>[] {PlatformEngineComponent.Config.class},
            (proxy, method, arguments) ->
                values.getOrDefault(method.getName(), method.getDefaultValue()));
  }

  @Test
  void aConfigurationBecomesASpecification() {
    EngineSpec spec =
        PlatformEngineComponent.spec(
            config(
                Map.of(
                    "device_name",
                    "nic",
                    "source_id",
                    "0x20",
                    "ats",
                    true,
                    "pri",
                    true,
                    "pasid_bits",
                    8,
                    "answer_wait_millis",
                    5L)));
    assertThat(spec.endpoint())
        .isEqualTo(new EndpointSpec("nic", 0x20, false, true, true, false, 8));
    assertThat(spec.answerWaitNanos()).isEqualTo(5_000_000);
    assertThat(spec.blockedWaitNanos()).isEqualTo(1_000_000_000);
  }

  @Test
  void aSourceIdThatIsNoNumberIsNamed() {
    assertThatThrownBy(
            () ->
                PlatformEngineComponent.spec(
                    config(Map.of("device_name", "nic", "source_id", "00:04.0"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("00:04.0")
        .hasMessageContaining("0x20");
  }
}
