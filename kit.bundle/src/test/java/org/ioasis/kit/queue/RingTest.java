package org.ioasis.kit.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.queue.ConsumerRing.Fetch;
import org.ioasis.kit.queue.ProducerRing.Put;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rings with and without a wrap bit. */
class RingTest {
  private static final long BASE = 0x8_0000;
  private final Map<Long, Long> words = new HashMap<>();
  private long absentFrom = Long.MAX_VALUE;
  private final PhysicalMemory memory =
      (PhysicalMemory)
          Proxy.newProxyInstance(
              RingTest.class.getClassLoader(),
              new Class<?>[] {PhysicalMemory.class},
              (proxy, method, args) ->
                  switch (method.getName()) {
                    case "status" ->
                        (long) args[0] + (long) args[1] > absentFrom
                            ? MemoryStatus.ABSENT
                            : MemoryStatus.OK;
                    case "load64" -> words.getOrDefault(args[0], 0L);
                    case "store64" -> {
                      words.put((Long) args[0], (Long) args[1]);
                      yield true;
                    }
                    default -> throw new AssertionError(method);
                  });

  @ParameterizedTest(name = "prod {0} cons {1} of 8 with wrap bit")
  @CsvSource({
    // prod, cons, used, empty, full
    "0x0, 0x0, 0, true, false",
    "0x5, 0x3, 2, false, false",
    "0x8, 0x0, 8, false, true",
    "0x8, 0x8, 0, true, false",
    "0x2, 0xE, 4, false, false",
    "0xF5, 0x3, 2, false, false",
    "0x9, 0x0, 8, false, true",
  })
  @DisplayName("pointers with a wrap bit")
  void wrapBit(String prod, String cons, long used, boolean empty, boolean full) {
    Ring ring = new Ring(BASE, 3, 4, true);
    long tail = Long.decode(prod);
    long head = Long.decode(cons);

    assertThat(ring.used(head, tail)).isEqualTo(used);
    assertThat(ring.isEmpty(head, tail)).isEqualTo(empty);
    assertThat(ring.isFull(head, tail)).isEqualTo(full);
  }

  @ParameterizedTest(name = "tail {0} head {1} of 8 without wrap bit")
  @CsvSource({
    "0, 0, 0, true, false",
    "7, 0, 7, false, true",
    "2, 3, 7, false, true",
    "5, 3, 2, false, false",
    "13, 3, 2, false, false",
  })
  @DisplayName("pointers without a wrap bit leave one entry free")
  void noWrapBit(long tail, long head, long used, boolean empty, boolean full) {
    Ring ring = new Ring(BASE, 3, 4, false);

    assertThat(ring.used(head, tail)).isEqualTo(used);
    assertThat(ring.isEmpty(head, tail)).isEqualTo(empty);
    assertThat(ring.isFull(head, tail)).isEqualTo(full);
    assertThat(ring.capacity()).isEqualTo(7);
  }

  @Test
  @DisplayName("a pointer moves through both laps and back to 0")
  void laps() {
    Ring ring = new Ring(BASE, 3, 4, true);
    assertThat(ring.next(0xF)).isZero();
    assertThat(ring.next(0x7)).isEqualTo(8);
    assertThat(ring.address(0x9)).isEqualTo(BASE + 16);
    assertThat(ring.pointer(-1)).isEqualTo(0xF);
  }

  @Test
  @DisplayName("a ring of one entry has nothing but its wrap bit")
  void single() {
    Ring ring = new Ring(BASE, 0, 5, true);
    assertThat(ring.isFull(0, 1)).isTrue();
    assertThat(ring.next(1)).isZero();
    assertThat(ring.address(1)).isEqualTo(BASE);
    assertThat(ring.words()).isEqualTo(4);
  }

  @Test
  @DisplayName("what is put is fetched in order, across the end of the ring")
  void across() {
    Ring ring = new Ring(BASE, 2, 4, true);
    ProducerRing producer = new ProducerRing(memory);
    ConsumerRing consumer = new ConsumerRing(memory);
    long tail = 3;
    for (int value = 1; value <= 4; value++) {
      assertThat(producer.put(ring, 3, tail, new long[] {value, -value, 99})).isEqualTo(Put.STORED);
      tail = ring.next(tail);
    }
    assertThat(producer.put(ring, 3, tail, new long[2])).isEqualTo(Put.FULL);
    assertThat(words).hasSize(8).containsEntry(BASE + 48, 1L).containsEntry(BASE + 8, -2L);

    consumer.open(ring, 3, tail);
    long[] entry = new long[4];
    for (int value = 1; value <= 4; value++) {
      assertThat(consumer.fetch(entry)).isEqualTo(Fetch.ENTRY);
      assertThat(entry).containsExactly(value, -value, 0, 0);
      consumer.consumed();
    }
    assertThat(consumer.fetch(entry)).isEqualTo(Fetch.EMPTY);
    consumer.consumed();
    assertThat(consumer.head()).isEqualTo(tail);
  }

  @Test
  @DisplayName("pointers that make no sense end after one lap")
  void hostilePointers() {
    ConsumerRing consumer = new ConsumerRing(memory);
    consumer.open(new Ring(BASE, 3, 4, true), 0x7FFF_FFF2L, -1);
    long[] entry = new long[2];
    int fetched = 0;
    while (consumer.fetch(entry) == Fetch.ENTRY) {
      consumer.consumed();
      fetched++;
    }
    assertThat(fetched).isEqualTo(8);
  }

  @Test
  @DisplayName("absent memory is said, nothing is written and the head stays")
  void busErrors() {
    absentFrom = BASE + 24;
    Ring ring = new Ring(BASE, 2, 4, true);
    ConsumerRing consumer = new ConsumerRing(memory);
    consumer.open(ring, 1, 3);

    assertThat(consumer.fetch(new long[2])).isEqualTo(Fetch.BUS_ERROR);
    assertThat(consumer.head()).isEqualTo(1);
    assertThat(consumer.left()).isEqualTo(2);
    assertThat(new ProducerRing(memory).put(ring, 0, 1, new long[2])).isEqualTo(Put.BUS_ERROR);
    assertThat(words).isEmpty();
  }

  @Test
  @DisplayName("shapes out of range are refused")
  void refused() {
    assertThatThrownBy(() -> new Ring(0, 31, 4, true)).hasMessageContaining("2^31 entries");
    assertThatThrownBy(() -> new Ring(0, 3, 2, true)).hasMessageContaining("2^2 bytes");
  }
}
