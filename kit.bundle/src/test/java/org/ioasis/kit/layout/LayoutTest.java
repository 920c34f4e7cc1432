package org.ioasis.kit.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.junit.jupiter.api.Test;

/** The rules of a layout, on small made-up structures. */
class LayoutTest {

  /** A class that declares a wrong layout, as a vendor's format class would. */
  static final class WrongEntry {
    static final Layout LAYOUT =
        Layout.of("wrong-entry", 64, bits("A", 7, 4), bits("B", 4, 0), bits("C", 63, 8));

    private WrongEntry() {}
  }

  @Test
  void overlapIsRefusedWhenTheClassIsLoaded() {
    assertThatExceptionOfType(ExceptionInInitializerError.class)
        .isThrownBy(() -> WrongEntry.LAYOUT.name())
        .havingCause()
        .isInstanceOf(IllegalArgumentException.class)
        .withMessage("layout refused: wrong-entry: B[4:0] overlaps A[7:4]");
  }

  @Test
  void refusesOverlapsHoweverTheyLie() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.of("e", 64, bits("OUTER", 31, 0), bit("INNER", 7)))
        .withMessageContaining("OUTER[31:0] overlaps INNER[7]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.of("e", 128, bits("A", 87, 72), bits("B", 72, 64)))
        .withMessageContaining("B[72:64] overlaps A[87:72]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.of("e", 64, bit("A", 3), bit("B", 3)))
        .withMessageContaining("overlaps");
  }

  @Test
  void refusesFieldsOutsideTheStructure() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.of("e", 32, bits("A", 32, 30)))
        .withMessage("layout refused: e: A[32:30] lies outside its 32 bits");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.of("e", 128, bit("A", 128)))
        .withMessageContaining("outside its 128 bits");
    assertThat(Layout.of("e", 128, bit("A", 127)).words()).isEqualTo(2);
  }

  @Test
  void refusesNamesThatMislead() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.of("e", 64, bit("A", 0), bit("A", 1)))
        .withMessageContaining("two fields are named A");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.of("e", 64, bits("RSVD", 3, 0)))
        .withMessageContaining("bits without a field are the reserved ones");
    assertThatIllegalArgumentException().isThrownBy(() -> Layout.of("e", 0));
  }

  @Test
  void reservedMasksAreTheBitsWithoutField() {
    Layout layout = Layout.of("e", 160, bit("A", 0), bits("B", 62, 8), bits("C", 127, 64));
    assertThat(layout.words()).isEqualTo(3);
    assertThat(layout.reserved(0)).isEqualTo(0x80000000000000FEL);
    assertThat(layout.reserved(1)).isZero();
    assertThat(layout.reserved(2)).isEqualTo(0x00000000FFFFFFFFL);
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> layout.reserved(3));
    assertThat(Layout.of("all", 128).reserved(1)).isEqualTo(-1L);
  }

  @Test
  void describesInOrderOfPositionHoweverDeclared() {
    Layout layout = Layout.of("e", 64, bits("HIGH", 51, 12), bit("LOW", 0));
    assertThat(layout.fields()).extracting(Field::name).containsExactly("LOW", "HIGH");
    assertThat(layout.describe(0x0000_0000_0000_5001L))
        .containsExactly(
            new FieldValue(bit("LOW", 0), 1, false),
            new FieldValue(bits("HIGH", 51, 12), 5, false));
  }

  @Test
  void showsReservedBitsThatAreNotZero() {
    Layout layout =
        Layout.of("e", 128, bit("P", 0), bits("ADDR", 51, 12)).inPlace(bits("ADDR", 51, 12));
    assertThat(layout.format(0x0010_0000_0000_7001L, 0))
        .isEqualTo("P=1 ADDR=0x7000 RSVD[63:52]=0x1");
    assertThat(layout.format(0x800L, -1L))
        .isEqualTo("P=0 RSVD[11:1]=0x400 ADDR=0x0 RSVD[127:64]=0xffffffffffffffff");
    assertThat(layout.describe(0x800L, 0).get(1).isReserved()).isTrue();
  }

  @Test
  void showsSmallNumbersPlainAndAddressesInPlace() {
    Field wide = bits("WIDE", 63, 0);
    assertThat(new FieldValue(wide, 9, false)).hasToString("WIDE=9");
    assertThat(new FieldValue(wide, 10, false)).hasToString("WIDE=0xa");
    assertThat(new FieldValue(wide, -1, false)).hasToString("WIDE=0xffffffffffffffff");
    assertThat(new FieldValue(bits("PTR", 63, 12), 5, true)).hasToString("PTR=0x5000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FieldValue(bit("P", 0), 2, false))
        .withMessage("field value refused: P[0] cannot hold 0x2");
  }

  @Test
  void refusesWordsOfAnotherSize() {
    Layout register = Layout.of("FSTS_REG", 32, bit("PFO", 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> register.describe(0, 0))
        .withMessage("describe refused: FSTS_REG has 1 words, 2 given");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> register.describe(0x8000_0000))
        .withMessageContaining("bits 0xffffffff00000000 of its last word lie beyond them");
    assertThat(register.format(0x8000_0001L)).isEqualTo("PFO=1 RSVD[31:1]=0x40000000");
  }

  @Test
  void findsFieldsByName() {
    Layout layout = Layout.of("e", 64, bit("P", 0), bits("TT", 3, 2));
    assertThat(layout.field("TT")).isEqualTo(bits("TT", 3, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layout.field("XX"))
        .withMessage("no field XX in e; it has [P[0], TT[3:2]]");
    assertThatIllegalArgumentException().isThrownBy(() -> layout.inPlace(bit("Q", 0)));
    assertThat(layout).hasToString("e (64 bits): P[0] TT[3:2]");
  }
}
