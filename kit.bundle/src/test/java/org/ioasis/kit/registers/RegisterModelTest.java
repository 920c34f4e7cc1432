package org.ioasis.kit.registers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.kit.registers.Register.reg;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Random accesses against a brute-force model that knows no 64-bit registers: a map of 32-bit
 * places, each with its own masks.
 */
class RegisterModelTest {
  static final int SIZE = 0x40;

  /** What software may do with the 32 bits at one offset. */
  record Place(int reset, int writable, int w1c, int sticky, boolean readsZero) {}

  // spotless:off
  static final RegisterTable<Object> TABLE = RegisterTable.builder("random", SIZE)
      .rows(
          reg(0x00, "A", 32).reset(0x12345678).writable(0x0FF0_0FF0L),
          reg(0x04, "B", 32).w1c(0xFF00_00FFL).writable(0x00FF_0000L).sticky(0xF000_F00FL),
          reg(0x08, "C", 64).reset(0x0123456789ABCDEFL),
          reg(0x10, "D", 64).writable(0x7FFF_0000_FFFF_0001L).w1c(0x8000_0000_0000_0002L).sticky(0xFFFF_FFFF_0000_0003L),
          reg(0x18, "E", 32).writable().readsZero(),
          reg(0x20, "F", 64).writable().reset(-1L).sticky(0x0000_FFFF_FFFF_0000L),
          reg(0x2C, "G", 32).w1c(0xFFFF_FFFFL))
      .alias(0x38, "F")
      .build();

  static final Map<Integer, Place> PLACES = Map.of(
      0x00, new Place(0x12345678, 0x0FF00FF0, 0,          0,          false),
      0x04, new Place(0,          0x00FF0000, 0xFF0000FF, 0xF000F00F, false),
      0x08, new Place(0x89ABCDEF, 0,          0,          0,          false),
      0x0C, new Place(0x01234567, 0,          0,          0,          false),
      0x10, new Place(0,          0xFFFF0001, 2,          3,          false),
      0x14, new Place(0,          0x7FFF0000, 0x80000000, 0xFFFFFFFF, false),
      0x18, new Place(0,          0xFFFFFFFF, 0,          0,          true),
      0x20, new Place(0xFFFFFFFF, 0xFFFFFFFF, 0,          0xFFFF0000, false),
      0x24, new Place(0xFFFFFFFF, 0xFFFFFFFF, 0,          0x0000FFFF, false),
      0x2C, new Place(0,          0,          0xFFFFFFFF, 0,          false));
  // spotless:on

  /** One step: kind 0 to 3 read, 4 to 7 write, 8 hardware sets bits, 9 warm reset. */
  record Step(int kind, int offset, int bytes, long value) {}

  private final Map<Integer, Integer> model = new TreeMap<>();

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 9),
            Arbitraries.frequencyOf(
                Tuple.of(8, Arbitraries.integers().between(0, 16).map(i -> 4 * i)),
                Tuple.of(1, Arbitraries.integers().between(-8, SIZE + 8))),
            Arbitraries.of(4, 4, 4, 8, 8, 8, 1, 2, 3),
            Arbitraries.longs())
        .as(Step::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(60);
  }

  @Property(seed = "7", tries = 400)
  void everySequenceAgreesWithTheModel(@ForAll("steps") List<Step> steps) {
    model.clear();
    PLACES.forEach((offset, place) -> model.put(offset, place.reset()));
    RegisterFile<Object> file = TABLE.newFile(this);
    for (Step step : steps) {
      if (step.kind() < 4) {
        assertThat(file.read(step.offset(), step.bytes())).as("%s", step).isEqualTo(read(step));
      } else if (step.kind() < 8) {
        file.write(step.offset(), step.bytes(), step.value());
        write(step);
      } else if (step.kind() == 8) {
        file.setBits(0x10, step.value());
        model.merge(0x10, (int) step.value(), (a, b) -> a | b);
        model.merge(0x14, (int) (step.value() >>> 32), (a, b) -> a | b);
      } else {
        file.warmReset();
        PLACES.forEach(
            (at, place) ->
                model.compute(
                    at, (key, now) -> (now & place.sticky()) | (place.reset() & ~place.sticky())));
      }
      assertContents(file);
    }
  }

  private void assertContents(RegisterFile<Object> file) {
    for (RegisterValue value : file.values()) {
      long low = Integer.toUnsignedLong(model.get(value.offset()));
      long high = value.bytes() == 8 ? (long) model.get(value.offset() + 4) << 32 : 0;
      assertThat(value.value()).as(value.name()).isEqualTo(high | low);
    }
  }

  private long read(Step step) {
    long ones = step.bytes() == 8 ? -1L : (1L << (8 * step.bytes())) - 1;
    if (!isProper(step)) {
      return ones;
    }
    long low = Integer.toUnsignedLong(seen(step.offset()));
    return step.bytes() == 4 ? low : ((long) seen(step.offset() + 4) << 32) | low;
  }

  private void write(Step step) {
    if (isProper(step)) {
      change(step.offset(), (int) step.value());
      if (step.bytes() == 8) {
        change(step.offset() + 4, (int) (step.value() >>> 32));
      }
    }
  }

  private static boolean isProper(Step step) {
    boolean sized = step.bytes() == 4 || step.bytes() == 8;
    boolean inside = step.offset() >= 0 && step.offset() + step.bytes() <= SIZE;
    return sized && inside && step.offset() % step.bytes() == 0;
  }

  private int seen(int offset) {
    Place place = PLACES.get(behind(offset));
    return place == null || place.readsZero() ? 0 : model.get(behind(offset));
  }

  private void change(int offset, int written) {
    Place place = PLACES.get(behind(offset));
    if (place != null) {
      int now = model.get(behind(offset));
      int kept = now & ~place.writable() & ~(place.w1c() & written);
      model.put(behind(offset), kept | (written & place.writable()));
    }
  }

  /** The alias at 0x38 is the register at 0x20. */
  private static int behind(int offset) {
    return offset >= 0x38 ? offset - 0x18 : offset;
  }
}
