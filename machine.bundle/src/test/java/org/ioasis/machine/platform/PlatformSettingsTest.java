package org.ioasis.machine.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.memory.MemoryBacking;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformSettingsTest {
  @ParameterizedTest
  @CsvSource({
    "0x0+1G, 0, 0x3fffffff",
    "0x100000000+62g, 0x100000000, 0x107fffffff",
    "4096 + 8192, 0x1000, 0x2fff",
    "0xFEE00000+1M, 0xfee00000, 0xfeefffff",
    "0+4K, 0, 0xfff",
    "0+1T, 0, 0xffffffffff"
  })
  void readsRanges(String text, String base, String last) {
    assertThat(PlatformSettings.range("ram", text))
        .isEqualTo(new PlatformSettings.Range(Long.decode(base), Long.decode(last)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1G", "+1G", "0+", "0+0", "x+1G", "0+1X", "0+99999999T", "-4096+4K", "0+-1"})
  void refusesWhatIsNoRange(String text) {
    assertThatThrownBy(() -> PlatformSettings.range("the.pid ram", text))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
        .hasMessageContaining("the.pid ram")
        .hasMessageContaining("\"" + text + "\"");
  }

  @Test
  void ramIsOfWholePages() {
    assertThat(PlatformSettings.regions("ram", new String[] {"0+4K", "0x10000+8K"}))
        .containsExactly(
            new MemoryRegion(0, 0xFFF, MemoryBacking.ZERO),
            new MemoryRegion(0x10000, 0x11FFF, MemoryBacking.ZERO));
    assertThatThrownBy(() -> PlatformSettings.regions("ram", new String[] {"0+100"}))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("4 KiB");
  }

  @Test
  void onlyTrustedBundlesGetTheMachine() {
    MachineSpec spec = MachineSpec.isolated("platform", 48, List.of(MemoryRegion.ram(0, 1 << 20)));
    try (Machine machine = new DefaultMachineFactory().create(spec)) {
      TrustedMachines machines =
          new TrustedMachines(machine, "org.ioasis.machine", Set.of("org.ioasis.domain"));
      assertThat(machines.forBundle("org.ioasis.machine").machine()).isSameAs(machine);
      assertThat(machines.forBundle("org.ioasis.domain").machine()).isSameAs(machine);
      for (String stranger : new String[] {"org.ioasis.shell", null}) {
        assertThatThrownBy(() -> machines.forBundle(stranger).machine())
            .isInstanceOfSatisfying(
                IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DENIED))
            .hasMessageContaining("org.ioasis.machine.platform trusted.bundles");
      }
    }
  }
}
