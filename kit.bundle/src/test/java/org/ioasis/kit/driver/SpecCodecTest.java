package org.ioasis.kit.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.Set;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecCodecTest {
  @ParameterizedTest
  @CsvSource({"0, PAGING", "1, NESTED", "2, IDENTITY", "3, BLOCKED"})
  void typesHaveTheirNumbers(int code, DomainSpec.Type type) {
    assertThat(SpecCodec.code(type)).isEqualTo(code);
    assertThat(SpecCodec.type(code)).isEqualTo(type);
  }

  @ParameterizedTest
  @CsvSource({
    "0x01, NEST_PARENT",
    "0x02, DIRTY_TRACKING",
    "0x04, FAULT_CAPABLE",
    "0x08, PASID",
    "0x10, USER_PASID_TABLE",
    "0x20, ENFORCE_SNOOP"
  })
  void flagsHaveTheirBits(int bits, DomainFlag flag) {
    assertThat(SpecCodec.bits(Set.of(flag))).isEqualTo(bits);
    assertThat(SpecCodec.flags(bits)).containsExactly(flag);
  }

  @ParameterizedTest
  @EnumSource(DomainSpec.Type.class)
  void noTypeIsForgotten(DomainSpec.Type type) {
    assertThat(SpecCodec.code(type)).isNotNegative();
  }

  @Test
  void allFlagsAndNone() {
    assertThat(SpecCodec.bits(EnumSet.allOf(DomainFlag.class))).isEqualTo(0x3F);
    assertThat(SpecCodec.flags(0x3F)).isEqualTo(EnumSet.allOf(DomainFlag.class));
    assertThat(SpecCodec.bits(Set.of())).isZero();
    assertThat(SpecCodec.flags(0)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 4, 127, -128})
  void aTypeThatIsNoneIsRefused(int code) {
    assertThatThrownBy(() -> SpecCodec.type(code)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x40, 0x41, -1, 1 << 31})
  void flagsThatAreNoneAreRefused(int bits) {
    assertThatThrownBy(() -> SpecCodec.flags(bits))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("flags 0x%x", bits);
  }
}
