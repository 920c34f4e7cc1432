package org.ioasis.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.machine.DefaultMachineFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Changes of a live stream table entry. After every single store, whoever reads the entry must find
 * the old one, the new one, or an abort entry, as far as the bits go that its mode uses; and only
 * changes that need it may ever show the abort entry. The entries are worked numbers of the fact
 * sheet.
 */
class EntryUpdateTest {
  private static final long AT = 0x1_0000;

  private final Machine machine =
      new DefaultMachineFactory()
          .create(MachineSpec.isolated("m", 40, List.of(MemoryRegion.ram(0, 1L << 20))));
  private final PhysicalMemory memory = machine.memory();

  @AfterEach
  void close() {
    machine.close();
  }

  /** An entry by the name the fact sheet gives it. */
  private static long[] entry(String name) {
    long[] words = new long[8];
    long[] first =
        switch (name) {
          case "abort" -> new long[] {0x1};
          case "bypass" -> new long[] {0x9, 0x0000_1000_0000_0000L};
          case "A" -> new long[] {0x2000_0008_1234_000BL, 0x0000_1000_0000_00D6L};
          case "A+EATS" -> new long[] {0x2000_0008_1234_000BL, 0x0000_1000_1000_00D6L};
          case "A'" -> new long[] {0x2000_0008_5678_000BL, 0x0000_1000_0000_00D6L};
          case "B" ->
              new long[] {
                0xD, 0x0000_1000_0000_0000L, 0x044D_3558_0000_0005L, 0x0000_0009_0000_2000L
              };
          case "B'" ->
              new long[] {
                0xD, 0x0000_1000_0000_0000L, 0x044D_3558_0000_0006L, 0x0000_0009_0000_6000L
              };
          case "C" ->
              new long[] {
                0x2000_0008_1234_000FL,
                0x0000_1000_2008_00D6L,
                0x044D_3558_0000_0005L,
                0x0000_0009_0000_2000L
              };
          default -> throw new AssertionError(name);
        };
    System.arraycopy(first, 0, words, 0, first.length);
    return words;
  }

  /** Memory in which every store is followed by a look at the entry. */
  private final class Watched extends TablePagesProbe {
    final List<String> seen = new ArrayList<>();
    private final long[] old;
    private final long[] target;

    Watched(long[] old, long[] target) {
      super(memory, machine.frames("test"));
      this.old = old;
      this.target = target;
    }

    @Override
    void stored() {
      long[] now = new long[8];
      for (int word = 0; word < 8; word++) {
        now[word] = memory.load64(AT + 8L * word);
      }
      String what =
          reads(now, old)
              ? "old"
              : reads(now, target) ? "new" : reads(now, entry("abort")) ? "abort" : "torn";
      if (seen.isEmpty() || !seen.get(seen.size() - 1).equals(what)) {
        seen.add(what);
      }
    }

    private boolean reads(long[] now, long[] as) {
      long[] uses = StreamPlan.uses(now);
      if (!Arrays.equals(uses, StreamPlan.uses(as))) {
        return false;
      }
      for (int word = 0; word < 8; word++) {
        if (((now[word] ^ as[word]) & uses[word]) != 0) {
          return false;
        }
      }
      return true;
    }
  }

  @ParameterizedTest
  @CsvSource({
    // from, to, hitless, most tellings
    "abort,  bypass, true,  2",
    "abort,  A,      true,  2",
    "abort,  B,      true,  2",
    "abort,  C,      true,  2",
    "A,      abort,  true,  2",
    "B,      abort,  true,  2",
    "C,      abort,  true,  2",
    "bypass, A,      true,  3",
    "A,      bypass, true,  3",
    "bypass, B,      true,  3",
    "B,      bypass, true,  3",
    "A,      B,      false, 3", // both use S2VMID
    "B,      A,      false, 3",
    "A,      A+EATS, true,  1",
    "A,      A',     true,  1",
    "A,      A,      true,  0",
    "B,      B',     false, 3",
    "C,      A,      false, 3",
    "C,      B',     false, 3"
  })
  void aReaderNeverMeetsAMixture(String from, String to, boolean hitless, int steps) {
    long[] old = entry(from);
    long[] target = entry(to);
    for (int word = 0; word < 8; word++) {
      memory.store64(AT + 8L * word, old[word]);
    }
    Watched pages = new Watched(old, target);
    EntryUpdate update =
        new EntryUpdate(
            pages.pages(), StreamPlan::uses, new long[] {StreamTable.ABORT}, pages::stored);
    assertThat(update.isHitless(old, target)).as("hitless").isEqualTo(hitless);
    assertThat(update.write(AT, target)).isEqualTo(hitless);
    for (int word = 0; word < 8; word++) {
      assertThat(memory.load64(AT + 8L * word)).as("word %d", word).isEqualTo(target[word]);
    }
    assertThat(pages.seen).doesNotContain("torn");
    if (hitless && !from.equals("abort") && !to.equals("abort")) {
      assertThat(pages.seen).doesNotContain("abort");
    }
    assertThat(update.steps()).isLessThanOrEqualTo(steps);
  }
}
