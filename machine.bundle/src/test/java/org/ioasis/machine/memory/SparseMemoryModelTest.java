package org.ioasis.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.ioasis.api.memory.MemoryBacking;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.Word128;

/** Random operations, each answer compared with {@link MemoryModel}. */
class SparseMemoryModelTest {
  private static final int OPERATIONS = 250;

  /** One per way an address can be cut, each with holes and edges inside chunks. */
  @SuppressWarnings("ImmutableEnumChecker") // nobody can change the list
  enum Map {
    DENSE(ram(0, 0x5000), ram(0x7000, 0x9000)),
    DENSE_BACKED(backed(0, 0x3000), ram(0x3000, 0x1000), backed(0x6000, 0x2000)),
    FLAT(ram(0, 0xA_0000), ram(0x10_0000, 0x3_1000), backed(0x13_1000, 0x2_2000)),
    FLAT_HIGH(ram(0x4000_0000, 0x2_0000), ram(0x4002_0000, 0x1000)),
    WIDE(ram(0, 0xA_0000), backed(0x10_0000, 0x9000), ram(1L << 32, 62L << 30)),
    TOP(ram((1L << 56) - 0x7000, 0x7000), ram(0x1000, 0x4000));

    final List<MemoryRegion> regions;

    Map(MemoryRegion... regions) {
      this.regions = List.of(regions);
    }

    private static MemoryRegion ram(long base, long size) {
      return MemoryRegion.ram(base, size);
    }

    private static MemoryRegion backed(long base, long size) {
      return new MemoryRegion(base, base + size - 1, MemoryModel::fillPattern);
    }
  }

  private Random random;
  private SparseMemory memory;
  private MemoryModel model;
  private List<MemoryRegion> regions;

  @Property(tries = 80, seed = "20250101")
  void answersAsTheModel(@ForAll Map map, @ForAll long seed) {
    random = new Random(seed);
    regions = map.regions;
    memory = new SparseMemory(56, regions);
    model = new MemoryModel(regions);
    boolean checkpointed = false;
    for (int i = 0; i < OPERATIONS; i++) {
      int kind = random.nextInt(100);
      if (kind < 35) {
        load();
      } else if (kind < 60) {
        store();
      } else if (kind < 75) {
        exchange();
      } else if (kind < 90) {
        bulk();
      } else if (kind < 96) {
        mark();
      } else if (kind < 98 || !checkpointed) {
        memory.checkpoint();
        model.checkpoint();
        checkpointed = true;
      } else {
        memory.rollback();
        model.rollback();
      }
    }
  }

  /** Mostly near the edges of regions and of chunks, inside and outside. */
  private long address(int width) {
    MemoryRegion region = regions.get(random.nextInt(regions.size()));
    long near =
        switch (random.nextInt(5)) {
          case 0 -> region.base();
          case 1 -> region.last() + 1;
          case 2 -> region.base() + 0x4000;
          case 3 -> region.base() + 0x1_0000;
          default -> region.base() + (random.nextLong() & Long.MAX_VALUE) % region.size();
        };
    return Math.max(0, near + random.nextInt(96) - 48) & -width;
  }

  private static int width(int draw) {
    return 1 << draw;
  }

  private void load() {
    int width = width(random.nextInt(4));
    long address = address(width);
    long loaded =
        switch (width) {
          case 1 -> memory.load8(address) & 0xFFL;
          case 2 -> memory.load16(address) & 0xFFFFL;
          case 4 -> memory.load32(address) & 0xFFFF_FFFFL;
          default -> memory.load64(address);
        };
    assertThat(loaded).as("load%d 0x%x", 8 * width, address).isEqualTo(model.load(address, width));
    assertThat(memory.status(address, width))
        .as("status 0x%x", address)
        .isEqualTo(model.status(address, width));
  }

  private void store() {
    int width = width(random.nextInt(5));
    long address = address(width);
    long value = random.nextLong();
    boolean stored =
        switch (width) {
          case 1 -> memory.store8(address, (byte) value);
          case 2 -> memory.store16(address, (short) value);
          case 4 -> memory.store32(address, (int) value);
          case 8 -> memory.store64(address, value);
          default -> memory.store128(address, value, ~value);
        };
    boolean expected;
    if (width < 16) {
      expected = model.store(address, width, value);
    } else {
      expected = model.write(address, pair(value, ~value)) == model.status(0, 0);
    }
    assertThat(stored).as("store%d 0x%x", 8 * width, address).isEqualTo(expected);
  }

  private static byte[] pair(long lo, long hi) {
    return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(lo).putLong(hi).array();
  }

  private void exchange() {
    long address = address(16);
    long now = model.load(address, 8);
    long expected = random.nextInt(4) == 0 ? ~now : now;
    long value = random.nextLong();
    String what = "at 0x%x".formatted(address);
    switch (random.nextInt(5)) {
      case 0 -> {
        assertThat(memory.compareAndExchange64(address, expected, value)).as(what).isEqualTo(now);
        if (expected == now) {
          model.store(address, 8, value);
        }
      }
      case 1 -> {
        int found = memory.compareAndExchange32(address + 4, (int) (expected >>> 32), (int) value);
        assertThat(found).as(what).isEqualTo((int) model.load(address + 4, 4));
        if ((int) (expected >>> 32) == found) {
          model.store(address + 4, 4, value);
        }
      }
      case 2 -> {
        assertThat(memory.getAndSet64(address, value)).as(what).isEqualTo(now);
        model.store(address, 8, value);
      }
      case 3 -> {
        assertThat(memory.getAndAdd64(address, value)).as(what).isEqualTo(now);
        model.store(address, 8, now + value);
      }
      default -> exchangePair(address, expected, value);
    }
  }

  private void exchangePair(long address, long expectedLo, long value) {
    String what = "pair at 0x%x".formatted(address);
    boolean good = model.status(address, 16) == org.ioasis.api.memory.MemoryStatus.OK;
    long lo = good ? model.load(address, 8) : -1;
    long hi = good ? model.load(address + 8, 8) : -1;
    Word128 found = new Word128();
    assertThat(memory.load128(address, found)).as(what).isEqualTo(model.status(address, 16));
    assertThat(found.lo()).as(what).isEqualTo(lo);
    assertThat(found.hi()).as(what).isEqualTo(hi);
    Word128 expected = new Word128().set(expectedLo, hi);
    boolean swapped = memory.compareAndSet128(address, expected, value, ~value);
    assertThat(swapped).as(what).isEqualTo(good && expectedLo == lo);
    if (swapped) {
      model.write(address, pair(value, ~value));
    } else {
      assertThat(expected.lo()).as(what).isEqualTo(lo);
      assertThat(expected.hi()).as(what).isEqualTo(hi);
    }
  }

  private void bulk() {
    long address = address(1);
    int length = random.nextInt(8) == 0 ? 0x4100 : random.nextInt(70);
    byte[] content = new byte[length];
    random.nextBytes(content);
    ByteOrder order = random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    String what = "0x%x+%d".formatted(address, length);
    switch (random.nextInt(3)) {
      case 0 -> {
        ByteBuffer from = ByteBuffer.wrap(content).order(order);
        assertThat(memory.write(address, from)).as(what).isEqualTo(model.write(address, content));
        assertThat(from.order()).isEqualTo(order);
      }
      case 1 -> {
        byte value = (byte) (random.nextInt(3) == 0 ? 0 : random.nextInt());
        Arrays.fill(content, value);
        assertThat(memory.fill(address, length, value))
            .as(what)
            .isEqualTo(model.write(address, content));
      }
      default -> {
        ByteBuffer into = ByteBuffer.allocate(length).order(order);
        var status = model.status(address, length);
        assertThat(memory.read(address, into)).as(what).isEqualTo(status);
        assertThat(into.order()).isEqualTo(order);
        if (status == org.ioasis.api.memory.MemoryStatus.OK) {
          for (int i = 0; i < length; i++) {
            assertThat(into.get(i)).as(what).isEqualTo(model.byteAt(address + i));
          }
        } else {
          assertThat(into.position()).as(what).isZero();
          assertThat(into.array()).as(what).containsOnly(0);
        }
      }
    }
  }

  private void mark() {
    long address = address(1);
    int length = random.nextInt(40);
    if (random.nextInt(3) == 0) {
      memory.poison(address, length);
      model.mark(address, length, true);
    } else {
      memory.heal(address, length);
      model.mark(address, length, false);
    }
  }

  @Property(tries = 40, seed = "20250101")
  void emptyRamHoldsNothing(@ForAll Map map, @ForAll long seed) {
    random = new Random(seed);
    regions = map.regions;
    memory = new SparseMemory(56, regions);
    for (MemoryRegion region : regions) {
      if (region.backing() == MemoryBacking.ZERO && map != Map.DENSE_BACKED) {
        memory.fill(region.base(), Math.min(region.size(), 1 << 20), (byte) 0);
      }
    }
    if (map == Map.WIDE || map == Map.FLAT_HIGH) {
      assertThat(memory.residentBytes()).isLessThan(3L << 16);
    }
  }
}
