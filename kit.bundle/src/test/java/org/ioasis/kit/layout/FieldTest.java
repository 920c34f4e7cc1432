package org.ioasis.kit.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldTest {

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          # high, low, word, shift, width, mask
               0,   0,    0,     0,     1, 0000000000000001
              63,  63,    0,    63,     1, 8000000000000000
              63,   0,    0,     0,    64, ffffffffffffffff
              63,  12,    0,    12,    52, fffffffffffff000
              66,  64,    1,     0,     3, 0000000000000007
              87,  72,    1,     8,    16, 0000000000ffff00
             127, 127,    1,    63,     1, 8000000000000000
             191, 140,    2,    12,    52, fffffffffffff000
             511, 448,    7,     0,    64, ffffffffffffffff
          """)
  void placesTheRangeInItsWord(int high, int low, int word, int shift, int width, String mask) {
    Field field = Field.bits("F", high, low);
    assertThat(field.wordIndex()).isEqualTo(word);
    assertThat(field.shift()).isEqualTo(shift);
    assertThat(field.width()).isEqualTo(width);
    assertThat(field.mask()).isEqualTo(Long.parseUnsignedLong(mask, 16));
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
            64,  63, straddles two 64-bit words; split it at bit 64
           127,  63, straddles two 64-bit words; split it at bit 64
           128,   0, straddles two 64-bit words; split it at bit 128
             3,   4, is no range
             0,  -1, is no range
          """)
  void refusesRangesThatAreNone(int high, int low, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Field.bits("F", high, low))
        .withMessageStartingWith("field refused: F[" + high + ":" + low + "] ")
        .withMessageContaining(why);
  }

  @Test
  void refusesComponentsThatDoNotBelongTogether() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Field("DID", 87, 72, 72, 0xFFFF00L))
        .withMessage("field refused: DID[87:72] has another shift or mask; use Field.bits");
    assertThatIllegalArgumentException().isThrownBy(() -> new Field("DID", 87, 72, 8, 0xFFFFL));
    assertThatIllegalArgumentException().isThrownBy(() -> Field.bit(" ", 0));
  }

  @Test
  void readsLiteralWords() {
    Field did = Field.bits("DID", 87, 72);
    Field tt = Field.bits("TT", 3, 2);
    // Context entry 03:05.1: qw0 200001, qw1 4202 (DID 42h).
    assertThat(did.get(0x4202L)).isEqualTo(0x42);
    assertThat(did.get(0x200005L, 0x4202L)).isEqualTo(0x42);
    assertThat(tt.get(0x200005L, 0x4202L)).isEqualTo(1);
    assertThat(did.get(new long[] {0x200001L, 0x4202L, -1L})).isEqualTo(0x42);
  }

  @Test
  void testsBitsInTheRightWord() {
    Field f = Field.bit("F", 127);
    assertThat(f.isSet(0x8000000500000329L)).isTrue();
    assertThat(f.isSet(0x7FFFFFFFFFFFFFFFL)).isFalse();
    assertThat(f.isSet(-1L, 0x7FFFFFFFFFFFFFFFL)).isFalse();
    assertThat(f.isSet(0L, 0x8000000000000000L)).isTrue();
    assertThat(f.isSet(new long[] {0, Long.MIN_VALUE})).isTrue();
    assertThat(f.isSet(new long[] {Long.MIN_VALUE, 0})).isFalse();
  }

  @Test
  void keepsAddressesInPlace() {
    Field root = Field.bits("SSPTPTR", 63, 12);
    Field first = Field.bits("FSPTPTR", 191, 140);
    assertThat(root.inPlace(0x89ABCD003L)).isEqualTo(0x89ABCD000L);
    assertThat(root.inPlace(0x89ABCD003L, -1L)).isEqualTo(0x89ABCD000L);
    assertThat(first.inPlace(new long[] {-1L, -1L, 0x300091L})).isEqualTo(0x300000L);
    assertThat(root.ofInPlace(0xFFFF_FFFF_FFFF_F000L)).isEqualTo(0xFFFF_FFFF_FFFF_F000L);
    assertThat(root.putInPlace(0x89ABCD003L, 0x200000L)).isEqualTo(0x200003L);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> root.ofInPlace(0x200800L))
        .withMessage(
            "put refused: SSPTPTR[63:12] cannot hold 0x200800 in place;"
                + " bits 0x800 lie outside the field");
  }

  @Test
  void putReplacesOnlyItsBits() {
    Field did = Field.bits("DID", 87, 72);
    assertThat(did.put(-1L, 0)).isEqualTo(0xFFFFFFFFFF0000FFL);
    assertThat(did.put(0L, 0xFFFF)).isEqualTo(0xFFFF00L);
    long[] words = {0x200001L, 0x2L};
    did.put(words, 0x42);
    assertThat(words).containsExactly(0x200001L, 0x4202L);
    assertThat(Field.bits("AW", 66, 64).of(2) | did.of(0x42)).isEqualTo(0x4202L);
  }

  @Test
  void putRefusesWhatDoesNotFit() {
    Field did = Field.bits("DID", 87, 72);
    long[] words = {1, 2};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> did.put(words, 0x10000))
        .withMessage("put refused: DID[87:72] cannot hold 0x10000; the largest value is 0xffff");
    assertThat(words).containsExactly(1, 2);
    assertThatIllegalArgumentException().isThrownBy(() -> did.put(0L, -1L));
    assertThatIllegalArgumentException().isThrownBy(() -> did.of(Long.MIN_VALUE));
    assertThat(Field.bits("WHOLE", 63, 0).of(-1L)).isEqualTo(-1L);
  }

  @Test
  void namesItself() {
    assertThat(Field.bits("DID", 87, 72)).hasToString("DID[87:72]");
    assertThat(Field.bit("P", 0)).hasToString("P[0]");
  }

  @Property(seed = "1", tries = 500)
  void putThenGetAgreesWithBitByBitCopy(
      @ForAll @IntRange(max = 7) int word,
      @ForAll @IntRange(max = 63) int a,
      @ForAll @IntRange(max = 63) int b,
      @ForAll long before,
      @ForAll long random) {
    int low = Math.min(a, b);
    int high = Math.max(a, b);
    Field field = Field.bits("F", 64 * word + high, 64 * word + low);
    long value = random & field.max();
    long expected = before;
    for (int bit = low; bit <= high; bit++) {
      boolean one = (value >>> (bit - low) & 1) != 0;
      expected = one ? expected | 1L << bit : expected & ~(1L << bit);
    }
    assertThat(field.put(before, value)).isEqualTo(expected);
    assertThat(field.get(expected)).isEqualTo(value);
  }
}
