package org.ioasis.domain.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ioasis.domain.space.Rig.PAGE;
import static org.ioasis.domain.space.Rig.R;
import static org.ioasis.domain.space.Rig.RW;
import static org.ioasis.domain.space.Rig.at;
import static org.ioasis.domain.space.Rig.range;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Access;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.ForeignMemory;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.domain.SegmentSink;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.domain.memory.Source;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sources of memory through spaces, page tables and accesses. */
class MemoryTest {
  private final Rig rig = new Rig(1L << 26);
  private final Space space = rig.space("s");
  private final IoasClient service = new IoasClient(rig.spaces, rig.alice);
  private final Access access = service.space(space.handle()).access("test", true, ranges -> {});

  @AfterEach
  void close() {
    rig.close();
  }

  private void store(PageTable.Page page, long value) {
    assertThat(rig.machine.memory().store64(page.address(), value)).isTrue();
  }

  private long load(PageTable.Page page) {
    return rig.machine.memory().load64(page.address());
  }

  @Test
  void memoryOfOneLengthIsTakenInBlocksThatHardwareCanMapLarge() {
    Source source = rig.anonymous(5L << 20, false);
    List<Long> lengths = new ArrayList<>();
    source.runs(
        0,
        source.length(),
        (offset, address, length, writable) -> {
          assertThat(address & (2 << 20) - 1).isZero();
          lengths.add(length);
          return true;
        });
    assertThat(lengths.stream().mapToLong(l -> l).sum()).isEqualTo(5L << 20);
    long first = space.map(source, 0, 4L << 20, RW, java.util.OptionalLong.empty(), 0);
    assertThat(first).isEqualTo(2 << 20);
    assertThat(space.map(source, 0, PAGE, RW, java.util.OptionalLong.empty(), 0)).isEqualTo(PAGE);
  }

  @Test
  @Requirement(9)
  void mappingsShareMemoryAndOutliveTheHoldOfTheClient() {
    Source source = rig.anonymous(16 * PAGE, false);
    Space other = rig.space("other");
    PageTable one = PageTable.wide("one");
    PageTable two = PageTable.wide("two");
    space.addFollower(one);
    other.addFollower(two);
    space.map(source, 0, 16 * PAGE, RW, at(0x10000), 0);
    other.copy(space, range(0x12000, 2 * PAGE), at(0x80000), R);
    source.destroy();
    store(one.page(0x12000), 0x1234);
    assertThat(load(two.page(0x80000))).isEqualTo(0x1234);
    assertThat(two.page(0x80000).rights()).isEqualTo(R);
    space.unmapAll();
    assertThat(rig.frames.heldBytes()).isEqualTo(16 * PAGE);
    assertThat(load(two.page(0x80000))).isEqualTo(0x1234);
    other.unmapAll();
    assertThat(rig.frames.heldBytes()).isZero();
  }

  @Test
  void memoryFillsOnDemandOnlyWhereAFaultCanBeAnswered() {
    Source source = rig.anonymous(16 * PAGE, true);
    PageTable table = PageTable.faulting("t");
    space.addFollower(table);
    space.map(source, 0, 16 * PAGE, RW, at(0x10000), 0);
    assertThat(table.pages).isEmpty();
    assertThat(rig.frames.heldBytes()).isZero();
    assertThat(space.fault(0x12345, R)).isTrue();
    assertThat(table.pages).containsOnlyKeys(0x12000L);
    assertThat(space.fault(0x12345, R)).as("again").isTrue();
    assertThat(space.fault(0x20000, R)).as("not mapped").isFalse();
    assertThat(space.fault(0x12345, 4)).as("no right").isFalse();
    assertThat(rig.frames.heldBytes()).isEqualTo(PAGE);
    PageTable strict = PageTable.wide("strict");
    space.addFollower(strict);
    assertThat(strict.pages).hasSize(16);
    strict.assertMirrors(space);
    table.assertMirrors(space);
    space.removeFollower(strict);
    space.unmapAll();
    source.destroy();
    assertThat(rig.frames.heldBytes()).isZero();
  }

  @Test
  void aFaultWithoutMemoryIsRefused() {
    Source source = rig.anonymous(1L << 30, true);
    PageTable table = PageTable.faulting("t");
    space.addFollower(table);
    space.map(source, 0, 1L << 30, RW, at(1L << 30), 0);
    int served = 0;
    while (space.fault((1L << 30) + served * PAGE, RW)) {
      served++;
    }
    assertThat(served).isGreaterThan(1000).isLessThan(1 << 14);
    table.assertMirrors(space);
    space.unmapAll();
    source.destroy();
    assertThat(rig.frames.heldBytes()).isZero();
  }

  @Test
  void aPageIsCopiedWhenOneOfTheTwoWritesIt() {
    Source original = rig.anonymous(4 * PAGE, true);
    PageTable parent = PageTable.faulting("parent");
    space.addFollower(parent);
    space.map(original, 0, 4 * PAGE, RW, at(0x10000), 0);
    assertThat(space.fault(0x10000, RW)).isTrue();
    assertThat(space.fault(0x11000, RW)).isTrue();
    store(parent.page(0x10000), 7);
    store(parent.page(0x11000), 8);
    Source copy = rig.copyOf(original);
    assertThat(parent.page(0x10000).rights()).as("parent may write no more").isEqualTo(R);
    Space fork = rig.space("fork");
    PageTable child = PageTable.faulting("child");
    fork.addFollower(child);
    fork.map(copy, 0, 4 * PAGE, RW, at(0x10000), 0);
    assertThat(child.page(0x10000)).isEqualTo(parent.page(0x10000));
    assertThat(rig.frames.heldBytes()).isEqualTo(2 * PAGE);

    assertThat(fork.fault(0x10000, RW)).isTrue();
    store(child.page(0x10000), 70);
    assertThat(load(parent.page(0x10000))).isEqualTo(7);
    assertThat(parent.page(0x10000).rights()).isEqualTo(R);
    assertThat(space.fault(0x10000, RW)).isTrue();
    assertThat(parent.page(0x10000).rights()).as("alone, no copy").isEqualTo(RW);
    assertThat(rig.frames.heldBytes()).isEqualTo(3 * PAGE);
    assertThat(space.fault(0x11000, RW)).isTrue();
    store(parent.page(0x11000), 80);
    assertThat(load(child.page(0x11000))).isEqualTo(8);
    assertThat(fork.fault(0x13000, R)).isTrue();
    assertThat(load(child.page(0x13000))).isZero();
    parent.assertMirrors(space);
    child.assertMirrors(fork);
    fork.unmapAll();
    space.unmapAll();
    copy.destroy();
    original.destroy();
    assertThat(rig.frames.heldBytes()).isZero();
  }

  @Test
  void whoCannotFaultNeverLosesARightToACopy() {
    Source original = rig.anonymous(4 * PAGE, false);
    PageTable strict = PageTable.wide("strict");
    space.addFollower(strict);
    space.map(original, 0, 4 * PAGE, RW, at(0x10000), 0);
    store(strict.page(0x10000), 7);
    Source copy = rig.copyOf(original);
    assertThat(strict.page(0x10000).rights()).isEqualTo(RW);
    store(strict.page(0x10000), 8);
    Space other = rig.space("other");
    PageTable second = PageTable.wide("second");
    other.addFollower(second);
    other.map(copy, 0, 4 * PAGE, RW, at(0), 0);
    assertThat(load(second.page(0))).isEqualTo(7);
    assertThat(second.page(0).rights()).isEqualTo(RW);
    strict.assertMirrors(space);
    second.assertMirrors(other);
  }

  @Test
  void aSharedPageIsCopiedBeforeSomebodyWhoCannotFaultMapsIt() {
    Source original = rig.anonymous(2 * PAGE, false);
    space.map(original, 0, 2 * PAGE, RW, at(0x10000), 0);
    Source copy = rig.copyOf(original);
    assertThat(rig.frames.heldBytes()).isEqualTo(2 * PAGE);
    PageTable strict = PageTable.wide("strict");
    space.addFollower(strict);
    assertThat(strict.page(0x10000).rights()).isEqualTo(RW);
    assertThat(rig.frames.heldBytes()).isEqualTo(4 * PAGE);
    strict.assertMirrors(space);
    copy.destroy();
    assertThat(rig.frames.heldBytes()).isEqualTo(2 * PAGE);
  }

  @Test
  void aFileIsReadOnDemandAndWrittenWhenTheLastMappingGoes(@TempDir Path folder)
      throws IOException {
    byte[] content = new byte[3 * (int) PAGE];
    content[(int) PAGE + 5] = 55;
    Path path = Files.write(folder.resolve("f"), content);
    Source file =
        rig.sources.create(rig.alice, "f", new MemorySpec.File(path, PAGE, PAGE + 100, true));
    PageTable table = PageTable.faulting("t");
    space.addFollower(table);
    space.map(file, 0, 2 * PAGE, RW, at(0x10000), 0);
    assertThat(table.pages).isEmpty();
    assertThat(space.fault(0x10000, RW)).isTrue();
    assertThat(rig.machine.memory().load8(table.page(0x10000).address() + 5)).isEqualTo((byte) 55);
    rig.machine.memory().store8(table.page(0x10000).address() + 6, (byte) 66);
    space.unmapAll();
    byte[] now = Files.readAllBytes(path);
    assertThat(now).hasSize(content.length);
    assertThat(now[(int) PAGE + 5]).isEqualTo((byte) 55);
    assertThat(now[(int) PAGE + 6]).isEqualTo((byte) 66);
    Source again = rig.sources.create(rig.alice, "f", new MemorySpec.File(path, PAGE, PAGE, false));
    space.map(again, 0, PAGE, R, at(0x20000), 0);
    java.nio.ByteBuffer read = java.nio.ByteBuffer.allocate(8);
    access.read(0x20000, read);
    assertThat(read.array()).containsExactly(0, 0, 0, 0, 0, 55, 66, 0);
  }

  /** Memory of the machine that is lent and asked for back. */
  private static final class Lent implements ForeignMemory {
    int pinned;
    long base;

    Lent(long base) {
      this.base = base;
    }

    @Override
    public String name() {
      return "lent";
    }

    @Override
    public long length() {
      return 4 * PAGE;
    }

    @Override
    public boolean writable() {
      return true;
    }

    @Override
    public void pin(long offset, long length, SegmentSink into) {
      pinned++;
      into.segment(base + PAGE, PAGE);
      into.segment(base + 8 * PAGE, 3 * PAGE);
    }

    @Override
    public void unpin(long offset, long length) {
      pinned--;
    }
  }

  @Test
  void lentMemoryIsPinnedWhileMappedTakenBackAndGivenAgain() {
    Lent lent = new Lent(0x100000);
    Source source = rig.sources.create(rig.alice, "lent", new MemorySpec.Foreign(lent));
    PageTable table = PageTable.wide("t");
    space.addFollower(table);
    assertThat(lent.pinned).isZero();
    space.map(source, 0, 4 * PAGE, RW, at(0x10000), 0);
    assertThat(lent.pinned).isEqualTo(1);
    assertThat(table.page(0x10000).address()).isEqualTo(0x101000);
    assertThat(table.page(0x11000).address()).isEqualTo(0x108000);
    source.revoke();
    assertThat(table.pages).isEmpty();
    assertThat(lent.pinned).isZero();
    assertThat(space.mappingCount()).as("stays as an empty one").isEqualTo(1);
    assertThatThrownBy(() -> access.read(0x10000, java.nio.ByteBuffer.allocate(8)))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.GONE));
    lent.base = 0x200000;
    source.restore();
    assertThat(lent.pinned).isEqualTo(1);
    assertThat(table.page(0x11000).address()).isEqualTo(0x208000);
    table.assertMirrors(space);
    space.unmapAll();
    assertThat(lent.pinned).isZero();
    assertThatThrownBy(() -> rig.sources.create(rig.mallory, "x", new MemorySpec.Foreign(lent)))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));
  }

  @Test
  void aSpaceIsContinuedWithTheTablesThatFollowedIt() {
    Source source = rig.anonymous(8 * PAGE, false);
    PageTable table = PageTable.wide("t");
    space.addFollower(table);
    space.map(source, 0, 4 * PAGE, RW, at(0x10000), 0);
    space.allow(List.of(range(0x10000, 64 * PAGE)));
    Space next = rig.spaces.take(rig.alice, space.handle(), space.leave());
    next.adoptFollower(table);
    table.assertMirrors(next);
    assertThatThrownBy(() -> next.reserve(range(0x12000, PAGE), "x"))
        .hasMessageContaining("meets mapping 0x10000..0x13fff");
    assertThat(next.map(source, 0, PAGE, RW, java.util.OptionalLong.empty(), 0)).isEqualTo(0x14000);
    next.unmap(range(0x10000, 4 * PAGE), UnmapMode.WHOLE);
    table.assertMirrors(next);
    assertThat(table.pages).containsOnlyKeys(0x14000L);
  }

  @Test
  void pinsAreCountedPerPage() {
    Source source = rig.anonymous(4 * PAGE, false);
    space.map(source, 0, 4 * PAGE, RW, at(0x10000), 0);
    assertThat(source.pins(0)).isZero();
    Access.PinnedRange pin = access.pin(range(0x11000, 2 * PAGE), R);
    assertThat(source.pins(0)).isZero();
    assertThat(source.pins(PAGE)).isEqualTo(1);
    PageTable table = PageTable.wide("t");
    space.addFollower(table);
    assertThat(source.pins(0)).isEqualTo(1);
    assertThat(source.pins(PAGE)).isEqualTo(2);
    pin.close();
    space.unmapAll();
    assertThat(source.pins(PAGE)).isZero();
  }

  @Test
  @Requirement(1)
  void aProcessLikeSpaceIsForkedAndKeepsItsRights() {
    Source code = rig.anonymous(2 * PAGE, true);
    Source heap = rig.anonymous(8 * PAGE, true);
    PageTable mine = PageTable.faulting("pasid 1");
    space.addFollower(mine);
    space.map(code, 0, 2 * PAGE, R | 4, at(0x400000), 0);
    space.map(heap, 0, 8 * PAGE, RW, at(0x800000), 0);
    assertThat(space.fault(0x400010, 4)).isTrue();
    assertThat(space.fault(0x400010, RW)).as("code is not written").isFalse();
    assertThat(space.fault(0x800000, RW)).isTrue();
    store(mine.page(0x800000), 1);

    Space child = rig.spaces.create(rig.alice, AddressSpaceSpec.named("child"));
    Source heapCopy = rig.copyOf(heap);
    child.map(code, 0, 2 * PAGE, R | 4, at(0x400000), 0);
    child.map(heapCopy, 0, 8 * PAGE, RW, at(0x800000), 0);
    PageTable theirs = PageTable.faulting("pasid 2");
    child.addFollower(theirs);
    assertThat(theirs.page(0x400000)).isEqualTo(mine.page(0x400000));
    assertThat(child.fault(0x800000, RW)).isTrue();
    store(theirs.page(0x800000), 2);
    assertThat(load(mine.page(0x800000))).isEqualTo(1);

    child.protect(range(0x800000, 8 * PAGE), R);
    assertThat(theirs.page(0x800000).rights()).isEqualTo(R);
    assertThat(child.fault(0x800000, RW)).isFalse();
    child.protect(range(0x800000, 8 * PAGE), RW);
    assertThat(theirs.page(0x800000).rights()).isEqualTo(RW);
    child.unmap(range(0x800000, 4 * PAGE), UnmapMode.SPLIT);
    assertThat(theirs.page(0x800000)).isNull();
    assertThat(child.fault(0x800000, R)).isFalse();
    assertThat(child.fault(0x804000, RW)).isTrue();
    theirs.assertMirrors(child);
    mine.assertMirrors(space);
  }
}
