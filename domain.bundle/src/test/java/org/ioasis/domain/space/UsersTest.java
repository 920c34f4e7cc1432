package org.ioasis.domain.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ioasis.domain.space.Rig.PAGE;
import static org.ioasis.domain.space.Rig.R;
import static org.ioasis.domain.space.Rig.RW;
import static org.ioasis.domain.space.Rig.W;
import static org.ioasis.domain.space.Rig.at;
import static org.ioasis.domain.space.Rig.range;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Access;
import org.ioasis.api.domain.AccessUser;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Mapping;
import org.ioasis.api.domain.Translator;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.memory.Source;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Accesses and translators: what they see, and what they are told. */
class UsersTest {
  private final Rig rig = new Rig(1L << 26);
  private final Space core = rig.space("s");
  private final IoasClient service = new IoasClient(rig.spaces, rig.alice);
  private final AddressSpace space = service.space(core.handle());
  private final Source memory = rig.anonymous(64 * PAGE, false);

  /** Keeps what it is told, and checks that no lock is held meanwhile. */
  private class Listener implements AccessUser {
    final List<String> told = new ArrayList<>();
    Runnable reaction = () -> {};

    @Override
    public void unmapping(List<IovaRange> ranges) {
      unlocked();
      told.add("unmapping " + ranges);
      reaction.run();
    }

    @Override
    public void mapped(List<Mapping> mappings) {
      unlocked();
      told.add("mapped " + mappings.stream().map(Mapping::range).toList());
    }

    private void unlocked() {
      assertThat(core.lock.isHeldByCurrentThread()).isFalse();
      assertThat(Thread.holdsLock(core.books)).isFalse();
      assertThat(Thread.holdsLock(memory)).isFalse();
      assertThat(Thread.holdsLock(rig.objects)).isFalse();
    }
  }

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  @Requirement(74)
  void aUserHearsOfEveryChangeOnceAndInOrder() {
    Listener listener = new Listener();
    core.addFollower(PageTable.wide("t"));
    space.access("a", false, listener);
    core.map(memory, 0, 2 * PAGE, RW, at(0x10000), 0);
    core.copy(core, range(0x10000, 2 * PAGE), at(0x20000), R);
    core.protect(range(0x10000, 2 * PAGE), R);
    core.protect(range(0x10000, 2 * PAGE), RW);
    core.unmap(range(0x10000, 0x20000), UnmapMode.WHOLE);
    assertThat(listener.told)
        .containsExactly(
            "mapped [0x10000..0x11fff]",
            "mapped [0x20000..0x21fff]",
            "unmapping [0x10000..0x11fff]",
            "mapped [0x10000..0x11fff]",
            "unmapping [0x10000..0x11fff, 0x20000..0x21fff]");
  }

  @Test
  void aUserLetsGoBeforeTheUnmapCompletesOrLosesItsPin() {
    core.map(memory, 0, 16 * PAGE, RW, at(0x10000), 0);
    PageTable table = PageTable.wide("t");
    core.addFollower(table);
    AtomicReference<Access.PinnedRange> pin = new AtomicReference<>();
    Listener polite = new Listener();
    Access access = space.access("polite", true, polite);
    pin.set(access.pin(range(0x10000, 4 * PAGE), RW));
    polite.reaction =
        () -> {
          assertThat(table.page(0x10000)).as("still mapped for devices").isNotNull();
          assertThatThrownBy(() -> access.pin(range(0x10000, PAGE), R))
              .isInstanceOfSatisfying(
                  IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID));
          assertThatThrownBy(() -> core.map(memory, 0, PAGE, RW, at(0x10000), 0))
              .isInstanceOfSatisfying(
                  IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BUSY));
          core.map(memory, 0, PAGE, RW, at(0x90000), 0);
          pin.get().close();
        };
    Access.PinnedRange rude = space.access("rude", true, ranges -> {}).pin(range(0x12000, PAGE), R);
    assertThat(core.pins.count()).isEqualTo(2);
    core.unmap(range(0x10000, 16 * PAGE), UnmapMode.WHOLE);
    assertThat(core.pins.count()).isZero();
    assertThat(memory.pins(2 * PAGE)).isZero();
    assertThatThrownBy(rude::close)
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
    assertThat(table.pages).containsOnlyKeys(0x90000L);
  }

  @Test
  void aUserThatThrowsLosesItsAccessAndHarmsNobody() {
    core.map(memory, 0, PAGE, RW, at(0x10000), 0);
    Listener other = new Listener();
    Access bad =
        space.access(
            "bad",
            false,
            ranges -> {
              throw new IllegalStateException("test");
            });
    space.access("good", false, other);
    assertThat(core.unmap(range(0x10000, PAGE), UnmapMode.WHOLE)).isEqualTo(PAGE);
    assertThat(other.told).hasSize(1);
    assertThatThrownBy(() -> bad.read(0, ByteBuffer.allocate(1))).hasMessageContaining("ended");
  }

  @Test
  void copiesCrossMappingsAndSources() {
    Source second = rig.anonymous(4 * PAGE, true);
    core.map(memory, 8 * PAGE, PAGE, RW, at(0x10000), 0);
    core.map(second, PAGE, 2 * PAGE, RW, at(0x11000), 0);
    Access access = space.access("a", false, ranges -> {});
    byte[] data = new byte[2 * (int) PAGE + 100];
    new java.util.Random(4).nextBytes(data);
    service.setOption(org.ioasis.api.domain.SpaceOption.BATCH_BYTES, null, 1000);
    access.write(0x10064, ByteBuffer.wrap(data));
    ByteBuffer back = ByteBuffer.allocate(data.length);
    access.read(0x10064, back);
    assertThat(back.array()).isEqualTo(data);
    assertThat(rig.machine.memory().load8(memory.address(8 * PAGE + 0x64))).isEqualTo(data[0]);
    assertThat(second.address(0)).as("not touched").isEqualTo(Source.ABSENT);
    assertThat(second.address(PAGE)).isNotEqualTo(Source.ABSENT);
  }

  @Test
  void pinnedSegmentsAreWhereTheMemoryIs() {
    core.map(memory, 0, 16 * PAGE, RW, at(0x10000), 0);
    core.map(memory, 0, PAGE, RW, at(0x20000), 0);
    Access access = space.access("a", true, ranges -> {});
    List<String> runs = new ArrayList<>();
    access
        .pin(range(0x1f000, 2 * PAGE), R)
        .segments((address, length) -> runs.add("%x+%x".formatted(address, length)));
    long base = memory.address(0);
    assertThat(runs)
        .containsExactly("%x+1000".formatted(base + 15 * PAGE), "%x+1000".formatted(base));
  }

  @Test
  void anAccessMovesToAnotherSpaceWithoutItsPins() {
    core.map(memory, 0, PAGE, RW, at(0x10000), 0);
    Space other = rig.space("other");
    Listener listener = new Listener();
    Access access = space.access("a", true, listener);
    access.pin(range(0x10000, PAGE), R);
    access.replace(other.handle());
    assertThat(listener.told).containsExactly("unmapping [0x0..0xffffffffffffffff]");
    assertThat(core.pins.count()).isZero();
    assertThat(access.space()).isEqualTo(other.handle());
    space.destroy();
    assertThatThrownBy(() -> rig.objects.destroy(other.handle())).hasMessageContaining("(a)");
    access.close();
    rig.objects.destroy(other.handle());
  }

  @Test
  @Requirement(74)
  void aTranslatorAnswersAsTheMappingsAre() {
    core.map(memory, 0, 64 * PAGE, RW, at(0x100000), 0);
    core.map(memory, PAGE, PAGE, R, at(0x200000), 0);
    Translator translator = space.translator("vhost", ranges -> {});
    long base = memory.address(0);
    long answer = translator.translate(0x103123, RW);
    assertThat(Translation.address(answer)).isEqualTo(base + 0x3123);
    assertThat(Translation.spanLg2(answer)).isEqualTo(12);
    assertThat(translator.rights(0x103123)).isEqualTo(RW);
    assertThat(Translation.isPresent(translator.translate(0x200000, R))).isTrue();
    assertThat(Translation.refusal(translator.translate(0x200000, W)))
        .isEqualTo(Translation.Refusal.FAULT);
    assertThat(translator.rights(0x200000)).isEqualTo(R);
    assertThat(Translation.isPresent(translator.translate(0x201000, R))).isFalse();
    assertThat(translator.rights(0x201000)).isZero();
    translator.close();
    assertThat(Translation.isPresent(translator.translate(0x200000, R))).isFalse();
    space.destroy();
  }

  @Test
  void aTranslatorSpansWhatIsContiguousAndAligned() {
    Source region =
        rig.sources.create(
            rig.alice, "r", new org.ioasis.api.domain.MemorySpec.Region(0x200000, 0x400000));
    core.map(region, 0, 0x400000, RW, at(0x40200000), 0);
    Translator translator = space.translator("t", ranges -> {});
    long answer = translator.translate(0x40201234, R);
    assertThat(Translation.address(answer)).isEqualTo(0x201234);
    assertThat(Translation.spanLg2(answer)).isEqualTo(21);
    core.map(region, 0x1000, 0x3000, RW, at(0x50000000), 0);
    assertThat(Translation.spanLg2(translator.translate(0x50001000, R))).isEqualTo(12);
  }

  @Test
  void aMappingBeingRemovedIsNotTranslatedWhileItsUserIsTold() {
    core.map(memory, 0, PAGE, RW, at(0x10000), 0);
    AtomicReference<Translator> translator = new AtomicReference<>();
    List<Long> answers = new ArrayList<>();
    translator.set(
        space.translator("t", ranges -> answers.add(translator.get().translate(0x10000, R))));
    core.unmap(range(0x10000, PAGE), UnmapMode.WHOLE);
    assertThat(answers).containsExactly(Translation.none(Translation.Refusal.FAULT));
  }

  @Test
  void translationsAllocateNothing() {
    for (int i = 0; i < 1000; i++) {
      core.map(memory, i % 64 * PAGE, PAGE, RW, at(0x10000 + i * 2L * PAGE), 0);
    }
    Translator translator = space.translator("t", ranges -> {});
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (int i = 0; i < 20_000; i++) {
      sum += translator.translate(0x10000 + i % 1000 * 2L * PAGE, RW) + translator.rights(0x10000);
    }
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    for (int i = 0; i < 100_000; i++) {
      sum += translator.translate(0x10000 + i % 1000 * 2L * PAGE, RW);
    }
    long after = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    assertThat(sum).isNotZero();
    assertThat(after - before).isLessThan(2_000);
  }
}
