package org.ioasis.domain.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.space.Rig.PAGE;
import static org.ioasis.domain.space.Rig.R;
import static org.ioasis.domain.space.Rig.RW;
import static org.ioasis.domain.space.Rig.at;
import static org.ioasis.domain.space.Rig.range;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Access;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.domain.SpaceOption;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.driver.DomainLimits;
import org.ioasis.domain.RefusalRows;
import org.ioasis.domain.memory.Source;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The refusals of the kernel&#39;s user API, a row each: what it says of IOAS_ALLOC, ALLOW_IOVAS,
 * COPY, IOVA_RANGES, MAP, MAP_FILE, UNMAP, OPTION, CHANGE_PROCESS, DESTROY, and of accesses.
 */
class RefusalsTest {
  private static final long TOP = -1L;

  @TempDir Path folder;
  private final List<Rig> rigs = new ArrayList<>();

  /** One fixture: a space with 16 pages at 0x10000, and a client of the services. */
  private final class Bench {
    final Rig rig = new Rig(1L << 26);
    final IoasClient service = new IoasClient(rig.spaces, rig.alice);
    final AddressSpace space = service.createSpace(AddressSpaceSpec.named("s"));
    final MemorySource memory =
        service.createSource("m", new MemorySpec.Anonymous(64 * PAGE, false));
    final Space core = rig.spaces.find(space.handle());

    Bench() {
      rigs.add(rig);
      space.map(map(0, 16 * PAGE).at(0x10000));
    }

    MapRequest map(long offset, long length) {
      return MapRequest.of(memory.handle(), offset, length, RW);
    }

    Bench follow() {
      core.addFollower(PageTable.wide("t"));
      return this;
    }

    Access access(boolean mayPin) {
      return space.access("a", mayPin, ranges -> {});
    }

    MemorySource file(boolean writable) {
      return service.createSource("f", new MemorySpec.File(someFile(), 0, 2 * PAGE, writable));
    }
  }

  private final RefusalRows<Bench> rows = new RefusalRows<>(Bench::new);

  @AfterEach
  void close() {
    rigs.forEach(Rig::close);
  }

  private Path someFile() {
    try {
      return Files.write(folder.resolve("file"), new byte[3 * (int) PAGE]);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void row(String name, Reason reason, RefusalRows.Call<Bench> call) {
    rows.add(name, reason, call);
  }

  @TestFactory
  @Requirement({1, 9})
  Stream<DynamicTest> table() {
    map();
    unmap();
    copyAndProtect();
    ranges();
    options();
    sources();
    accesses();
    destroys();
    return rows.tests();
  }

  private void map() {
    row("map beside", null, b -> b.space.map(b.map(0, PAGE).at(0x20000)));
    row("map same memory twice", null, b -> b.space.map(b.map(0, 16 * PAGE).at(0x40000)));
    row("map unaligned without domain", null, b -> b.space.map(b.map(1, 77).at(0x90001)));
    row("map fixed, overlaps", Reason.EXISTS, b -> b.space.map(b.map(0, PAGE).at(0x1f000)));
    row("map fixed, same", Reason.EXISTS, b -> b.space.map(b.map(0, 16 * PAGE).at(0x10000)));
    row("map fixed, around", Reason.EXISTS, b -> b.space.map(b.map(0, 32 * PAGE).at(0xf000)));
    row("map length 0", Reason.INVALID, b -> b.space.map(b.map(0, 0).at(0x20000)));
    row("map length 2^64-1", Reason.OVERFLOW, b -> b.space.map(b.map(0, TOP).at(0x20000)));
    row("map iova 2^64-1", Reason.OVERFLOW, b -> b.space.map(b.map(0, PAGE).at(TOP)));
    row("map wraps", Reason.OVERFLOW, b -> b.space.map(b.map(0, 2 * PAGE).at(-PAGE)));
    row("map beyond source", Reason.INVALID, b -> b.space.map(b.map(60 * PAGE, 8 * PAGE).at(0)));
    row("map offset negative", Reason.INVALID, b -> b.space.map(b.map(-PAGE, PAGE).at(0)));
    row(
        "map without rights",
        Reason.INVALID,
        b -> b.space.map(MapRequest.of(b.memory.handle(), 0, PAGE, 0)));
    row(
        "map execute alone",
        Reason.INVALID,
        b -> b.space.map(MapRequest.of(b.memory.handle(), 0, PAGE, 4)));
    row(
        "map unknown right",
        Reason.UNSUPPORTED,
        b -> b.space.map(MapRequest.of(b.memory.handle(), 0, PAGE, 0x13)));
    row("map misaligned", Reason.INVALID, b -> b.follow().space.map(b.map(0, PAGE).at(0x20100)));
    row("map bad length", Reason.INVALID, b -> b.follow().space.map(b.map(0, 100).at(0x20000)));
    row("map bad offset", Reason.INVALID, b -> b.follow().space.map(b.map(8, PAGE).at(0x20000)));
    row(
        "map outside window",
        Reason.INVALID,
        b -> b.follow().space.map(b.map(0, PAGE).at(1L << 48)));
    row(
        "map reserved",
        Reason.INVALID,
        b -> {
          b.space.reserve(range(0x80000, PAGE), "msi");
          b.space.map(b.map(0, 4 * PAGE).at(0x7e000));
        });
    row(
        "map outside allowed at a fixed place",
        null,
        b -> {
          b.space.allow(List.of(range(0x100000, 16 * PAGE)));
          b.space.map(b.map(0, PAGE).at(0x50000));
        });
    row(
        "map without room",
        Reason.EXHAUSTED,
        b -> {
          b.space.allow(List.of(range(0x100000, 4 * PAGE)));
          b.space.map(b.map(0, 5 * PAGE));
        });
    row(
        "map with room",
        null,
        b -> {
          b.space.allow(List.of(range(0x100000, 4 * PAGE)));
          b.space.map(b.map(0, 4 * PAGE));
        });
    row(
        "map destroyed source",
        Reason.NOT_FOUND,
        b -> {
          b.memory.destroy();
          b.space.map(b.map(0, PAGE));
        });
    row(
        "map beyond the client's limit",
        Reason.EXHAUSTED,
        b -> {
          Spaces few =
              new Spaces(
                  b.rig.objects, b.rig.sources, KindLimits.UNKNOWN, Space.FollowerListener.NONE, 1);
          Space space = few.create(b.rig.alice, AddressSpaceSpec.named("few"));
          Source source = b.rig.sources.find(b.memory.handle());
          space.map(source, 0, PAGE, RW, at(0), 0);
          space.map(source, 0, PAGE, RW, at(PAGE), 0);
        });
    row(
        "map rights that a format cannot express",
        Reason.UNSUPPORTED,
        b -> {
          DomainLimits noRead = new DomainLimits(PageTable.WIDE.windows(), 1 << 12, 48, 2);
          b.core.addFollower(new PageTable("first stage", noRead, false));
          b.space.map(MapRequest.of(b.memory.handle(), 0, PAGE, 2));
        });
    row(
        "map beyond the width",
        Reason.INVALID,
        b -> {
          AddressSpace narrow = b.service.createSpace(AddressSpaceSpec.named("n").width(32));
          narrow.map(b.map(0, PAGE).at(1L << 32));
        });
    row(
        "map what no promised kind can",
        Reason.INVALID,
        b -> {
          AddressSpace space =
              b.service.createSpace(AddressSpaceSpec.named("p").portable(Set.of("some")));
          space.map(b.map(0, PAGE).at(1L << 40));
        });
    row(
        "map beyond the frames of a domain",
        Reason.EXHAUSTED,
        b -> {
          PageTable table = PageTable.wide("t");
          b.core.addFollower(table);
          table.budget.set(3);
          b.space.map(b.map(0, 8 * PAGE).at(0x50000));
        });
  }

  private void unmap() {
    row("unmap whole", null, b -> b.space.unmap(range(0x10000, 16 * PAGE), UnmapMode.WHOLE));
    row("unmap wider", null, b -> b.space.unmap(range(0, 64 * PAGE), UnmapMode.WHOLE));
    row("unmap 0..2^64-1", null, b -> b.space.unmap(IovaRange.ALL, UnmapMode.WHOLE));
    row(
        "unmap nothing",
        Reason.NOT_FOUND,
        b -> b.space.unmap(range(0x40000, PAGE), UnmapMode.WHOLE));
    row("unmap head", Reason.NOT_FOUND, b -> b.space.unmap(range(0x10000, PAGE), UnmapMode.WHOLE));
    row(
        "unmap tail",
        Reason.NOT_FOUND,
        b -> b.space.unmap(range(0x1f000, 4 * PAGE), UnmapMode.WHOLE));
    row(
        "unmap middle",
        Reason.NOT_FOUND,
        b -> b.space.unmap(range(0x12000, PAGE), UnmapMode.WHOLE));
    row("unmap middle, split", null, b -> b.space.unmap(range(0x12000, PAGE), UnmapMode.SPLIT));
    row(
        "unmap split, misaligned",
        Reason.INVALID,
        b -> b.follow().space.unmap(range(0x12100, PAGE), UnmapMode.SPLIT));
    row(
        "unmap what a queue holds",
        Reason.BUSY,
        b -> {
          b.core.keep(range(0x12000, PAGE), "hardware queue 0");
          b.space.unmapAll();
        });
    row(
        "unmap what a queue held",
        null,
        b -> {
          b.core.keep(range(0x12000, PAGE), "hardware queue 0").close();
          b.space.unmapAll();
        });
    row(
        "hold what is not mapped",
        Reason.NOT_FOUND,
        b -> b.core.keep(range(0x1f000, 2 * PAGE), "hardware queue 0"));
  }

  private void copyAndProtect() {
    row("copy inside", null, b -> copy(b, range(0x12000, 2 * PAGE), at(0x50000), R));
    row("copy gap", Reason.NOT_FOUND, b -> copy(b, range(0x1f000, 2 * PAGE), at(0x50000), R));
    row("copy nothing", Reason.NOT_FOUND, b -> copy(b, range(0x90000, PAGE), at(0x50000), R));
    row("copy overlaps", Reason.EXISTS, b -> copy(b, range(0x12000, PAGE), at(0x13000), R));
    row("copy without rights", Reason.INVALID, b -> copy(b, range(0x12000, PAGE), at(0x50000), 0));
    row(
        "copy unknown right",
        Reason.UNSUPPORTED,
        b -> copy(b, range(0x12000, PAGE), at(0x50000), 0x13));
    row("copy to 2^64-1", Reason.OVERFLOW, b -> copy(b, range(0x12000, PAGE), at(TOP), R));
    row(
        "copy misaligned",
        Reason.INVALID,
        b -> copy(b.follow(), range(0x12000, PAGE), at(0x50100), R));
    row(
        "copy to what is reserved",
        Reason.INVALID,
        b -> {
          b.space.reserve(range(0x80000, PAGE), "msi");
          copy(b, range(0x12000, 2 * PAGE), at(0x7f000), R);
        });
    row(
        "copy without room",
        Reason.EXHAUSTED,
        b -> {
          b.space.allow(List.of(range(0x100000, PAGE)));
          copy(b, range(0x12000, 2 * PAGE), OptionalLong.empty(), R);
        });
    row(
        "copy for writing what is read only",
        Reason.DENIED,
        b -> {
          b.space.map(MapRequest.of(b.file(false).handle(), 0, PAGE, R).at(0x70000));
          copy(b, range(0x70000, PAGE), at(0x50000), RW);
        });
    row(
        "copy from a space that is gone",
        Reason.NOT_FOUND,
        b -> {
          AddressSpace other = b.service.createSpace(AddressSpaceSpec.named("o"));
          other.destroy();
          b.space.copy(other.handle(), range(0x12000, PAGE), at(0x50000), R);
        });
    row("protect", null, b -> b.space.protect(range(0x10000, 16 * PAGE), R));
    row("protect nothing", Reason.NOT_FOUND, b -> b.space.protect(range(0x40000, PAGE), R));
    row("protect part", Reason.NOT_FOUND, b -> b.space.protect(range(0x10000, PAGE), R));
    row("protect to nothing", Reason.INVALID, b -> b.space.protect(range(0x10000, 16 * PAGE), 0));
  }

  private static void copy(Bench b, IovaRange range, OptionalLong to, int rights) {
    b.space.copy(b.space.handle(), range, to, rights);
  }

  private void ranges() {
    row("allow nothing", null, b -> b.space.allow(List.of()));
    row(
        "allow overlapping",
        Reason.INVALID,
        b -> b.space.allow(List.of(range(0x1000, 0x3000), range(0x3000, 0x1000))));
    row(
        "allow start = last",
        Reason.INVALID,
        b -> b.space.allow(List.of(new IovaRange(0x1000, 0x1000))));
    row(
        "allow reserved",
        Reason.RESERVED,
        b -> {
          b.space.reserve(range(0x80000, PAGE), "msi");
          b.space.allow(List.of(range(0x70000, 0x20000)));
        });
    row("reserve mapped", Reason.RESERVED, b -> b.space.reserve(range(0x1f000, PAGE), "x"));
    row(
        "reserve allowed",
        Reason.RESERVED,
        b -> {
          b.space.allow(List.of(range(0x70000, 0x20000)));
          b.space.reserve(range(0x80000, PAGE), "x");
        });
    row(
        "join with allowed outside the window",
        Reason.RESERVED,
        b -> {
          b.space.allow(List.of(range(1L << 48, PAGE)));
          b.follow();
        });
    row(
        "join with a mapping outside the window",
        Reason.RESERVED,
        b -> {
          b.space.map(b.map(0, PAGE).at(1L << 50));
          b.follow();
        });
    row(
        "join with a misaligned mapping",
        Reason.RESERVED,
        b -> {
          b.space.map(b.map(0, 100).at(0x90000));
          b.follow();
        });
    row(
        "join that cannot express a mapping",
        Reason.UNSUPPORTED,
        b -> {
          b.space.map(MapRequest.of(b.memory.handle(), 0, PAGE, 2));
          DomainLimits noRead = new DomainLimits(PageTable.WIDE.windows(), 1 << 12, 48, 2);
          b.core.addFollower(new PageTable("first stage", noRead, false));
        });
    row(
        "join that cannot reach the memory",
        Reason.INVALID,
        b -> {
          DomainLimits low = new DomainLimits(PageTable.WIDE.windows(), 1 << 12, 20, 7);
          b.core.addFollower(new PageTable("narrow", low, false));
        });
    row(
        "join twice",
        Reason.EXISTS,
        b -> {
          PageTable table = PageTable.wide("t");
          b.core.addFollower(table);
          b.core.addFollower(table);
        });
  }

  private void options() {
    row("huge pages off", null, b -> huge(b, 0));
    row("huge pages 2", Reason.INVALID, b -> huge(b, 2));
    row("huge pages off with domain and mapping", Reason.INVALID, b -> huge(b.follow(), 0));
    row(
        "huge pages off, misaligned mapping",
        Reason.RESERVED,
        b -> {
          b.space.map(b.map(0, 100).at(0x90000));
          huge(b, 0);
        });
    row(
        "huge pages of no space",
        Reason.NOT_FOUND,
        b -> b.service.setOption(SpaceOption.HUGE_PAGES, null, 1));
    row(
        "accounting once something exists",
        Reason.BUSY,
        b -> b.service.setOption(SpaceOption.ACCOUNTING, null, 1));
    row("accounting 2", Reason.INVALID, b -> b.service.setOption(SpaceOption.ACCOUNTING, null, 2));
    row(
        "accounting by somebody",
        Reason.DENIED,
        b ->
            new IoasClient(b.rig.spaces, b.rig.mallory).setOption(SpaceOption.ACCOUNTING, null, 1));
    row("batch 11", Reason.INVALID, b -> b.service.setOption(SpaceOption.BATCH_BYTES, null, 11));
    row("batch 12", null, b -> b.service.setOption(SpaceOption.BATCH_BYTES, null, 12));
    row("charge with memory", Reason.INVALID, b -> b.service.chargeToCaller());
    row(
        "charge with files alone",
        null,
        b -> {
          b.space.unmapAll();
          b.space.map(MapRequest.of(b.file(false).handle(), 0, PAGE, R));
          b.service.chargeToCaller();
        });
    row(
        "default space that is gone",
        Reason.NOT_FOUND,
        b -> {
          b.space.destroy();
          b.service.setDefaultSpace(b.space.handle());
        });
  }

  private static void huge(Bench b, long value) {
    b.service.setOption(SpaceOption.HUGE_PAGES, b.space.handle(), value);
  }

  private void sources() {
    row("anonymous 0", Reason.INVALID, b -> source(b, new MemorySpec.Anonymous(0, false)));
    row(
        "anonymous beyond memory",
        Reason.EXHAUSTED,
        b -> source(b, new MemorySpec.Anonymous(1L << 30, false)));
    row(
        "no file",
        Reason.NOT_FOUND,
        b -> source(b, new MemorySpec.File(folder.resolve("none"), 0, PAGE, false)));
    row("file 0", Reason.INVALID, b -> source(b, new MemorySpec.File(someFile(), 0, 0, false)));
    row(
        "file beyond end",
        Reason.INVALID,
        b -> source(b, new MemorySpec.File(someFile(), 2 * PAGE, 2 * PAGE, false)));
    row("region, not RAM", Reason.INVALID, b -> source(b, new MemorySpec.Region(1L << 40, PAGE)));
    row(
        "region by somebody",
        Reason.DENIED,
        b ->
            new IoasClient(b.rig.spaces, b.rig.mallory)
                .createSource("r", new MemorySpec.Region(0, PAGE)));
    row(
        "map file for writing that is read only",
        Reason.DENIED,
        b -> b.space.map(MapRequest.of(b.file(false).handle(), 0, PAGE, RW)));
    row(
        "map beyond the file",
        Reason.INVALID,
        b -> b.space.map(MapRequest.of(b.file(false).handle(), PAGE, 2 * PAGE, R)));
  }

  private static void source(Bench b, MemorySpec spec) {
    b.service.createSource("x", spec);
  }

  private void accesses() {
    row("pin", null, b -> b.access(true).pin(range(0x10000, 16 * PAGE), RW));
    row("pin gap", Reason.NOT_FOUND, b -> b.access(true).pin(range(0x1f000, 2 * PAGE), R));
    row("pin misaligned", Reason.INVALID, b -> b.access(true).pin(range(0x10000, 100), R));
    row(
        "pin without the right to",
        Reason.INVALID,
        b -> b.access(false).pin(range(0x10000, PAGE), R));
    row(
        "pin above 16 MiB",
        Reason.EXHAUSTED,
        b -> b.access(true).pin(range(0x10000, (16 << 20) + PAGE), R));
    row(
        "pin for writing what is read only",
        Reason.DENIED,
        b -> {
          b.space.protect(range(0x10000, 16 * PAGE), R);
          b.access(true).pin(range(0x10000, PAGE), RW);
        });
    row(
        "write what is read only",
        Reason.DENIED,
        b -> {
          b.space.protect(range(0x10000, 16 * PAGE), R);
          b.access(false).write(0x10000, ByteBuffer.allocate(8));
        });
    row("read gap", Reason.NOT_FOUND, b -> b.access(false).read(0x1fffc, ByteBuffer.allocate(8)));
    row(
        "pin closed twice",
        Reason.NOT_FOUND,
        b -> {
          Access.PinnedRange pin = b.access(true).pin(range(0x10000, PAGE), R);
          pin.close();
          pin.close();
        });
    row(
        "pin closed after unmap",
        Reason.NOT_FOUND,
        b -> {
          Access.PinnedRange pin = b.access(true).pin(range(0x10000, PAGE), R);
          b.space.unmapAll();
          pin.close();
        });
    row(
        "pinning access with a misaligned mapping",
        Reason.RESERVED,
        b -> {
          b.space.map(b.map(0, 100).at(0x90000));
          b.access(true);
        });
    row(
        "misaligned mapping with a pinning access",
        Reason.INVALID,
        b -> {
          b.access(true);
          b.space.map(b.map(0, 100).at(0x90000));
        });
    row(
        "access that is closed",
        Reason.NOT_FOUND,
        b -> {
          Access access = b.access(true);
          access.close();
          access.pin(range(0x10000, PAGE), R);
        });
    row(
        "move an access to a space that is gone",
        Reason.NOT_FOUND,
        b -> {
          AddressSpace other = b.service.createSpace(AddressSpaceSpec.named("o"));
          other.destroy();
          b.access(true).replace(other.handle());
        });
    row(
        "physical by somebody",
        Reason.DENIED,
        b ->
            new IoasClient(b.rig.spaces, b.rig.mallory)
                .space(b.space.handle())
                .physical(range(0x10000, PAGE), (a, n) -> {}));
    row(
        "physical with no device without a unit",
        Reason.UNSUPPORTED,
        b -> b.space.physical(range(0x10000, PAGE), (a, n) -> {}));
    row(
        "physical",
        null,
        b -> {
          b.core.unitless(1);
          b.space.physical(range(0x10000, PAGE), (a, n) -> {});
        });
  }

  private void destroys() {
    row("destroy with mappings", null, b -> b.space.destroy());
    row(
        "destroy twice",
        Reason.NOT_FOUND,
        b -> {
          b.space.destroy();
          b.space.destroy();
        });
    row(
        "destroy with an access",
        Reason.BUSY,
        b -> {
          b.access(false);
          b.space.destroy();
        });
    row(
        "destroy with a translator",
        Reason.BUSY,
        b -> {
          b.space.translator("t", ranges -> {});
          b.space.destroy();
        });
    row(
        "destroy after the access",
        null,
        b -> {
          b.access(false).close();
          b.space.destroy();
        });
    row("destroy mapped memory", null, b -> b.memory.destroy());
  }

  @Test
  void idsAreTheLowestFreeFromOneOn() {
    Bench b = new Bench();
    assertThat(b.space.handle().id()).isEqualTo(1);
    assertThat(b.memory.handle().id()).isEqualTo(2);
    AddressSpace third = b.service.createSpace(AddressSpaceSpec.named("3"));
    b.memory.destroy();
    assertThat(b.service.createSpace(AddressSpaceSpec.named("4")).handle().id()).isEqualTo(4);
    third.destroy();
    b.space.unmapAll();
    AddressSpace reused = b.service.createSpace(AddressSpaceSpec.named("reused"));
    assertThat(reused.handle().id()).as("free once nothing maps it").isEqualTo(2);
    assertThat(reused.handle().generation()).isEqualTo(1);
    assertThat(b.service.createSpace(AddressSpaceSpec.named("5")).handle().id()).isEqualTo(3);
  }

  @Test
  void aRefusedMapLeavesNothingBehind() {
    Bench b = new Bench();
    PageTable one = PageTable.wide("one");
    PageTable two = PageTable.wide("two");
    b.core.addFollower(one);
    b.core.addFollower(two);
    two.budget.set(3);
    long before = b.space.limits().mappingsLeft();
    assertThat(catchReason(() -> b.space.map(b.map(0, 8 * PAGE).at(0x50000))))
        .isEqualTo(Reason.EXHAUSTED);
    two.budget.set(Long.MAX_VALUE);
    one.assertMirrors(b.core);
    two.assertMirrors(b.core);
    assertThat(b.space.mappingCount()).isEqualTo(1);
    assertThat(b.space.limits().mappingsLeft()).isEqualTo(before);
    assertThat(b.space.map(b.map(0, 8 * PAGE).at(0x50000))).isEqualTo(0x50000);
  }

  private static Reason catchReason(Runnable call) {
    try {
      call.run();
      return null;
    } catch (IoasisException e) {
      return e.reason();
    }
  }
}
