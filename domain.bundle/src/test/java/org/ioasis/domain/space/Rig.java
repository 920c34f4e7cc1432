package org.ioasis.domain.space;

import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.memory.FrameStore;
import org.ioasis.domain.memory.Source;
import org.ioasis.domain.memory.Sources;
import org.ioasis.machine.DefaultMachineFactory;

/** Spaces and sources on a private machine. */
final class Rig implements AutoCloseable {
  static final int RW = DmaRequest.READ | DmaRequest.WRITE;
  static final int R = DmaRequest.READ;
  static final int W = DmaRequest.WRITE;
  static final long PAGE = 4096;

  final Client alice = new Client(10, "alice", () -> true);
  final Client mallory = new Client(11, "mallory", () -> false);
  final Machine machine;
  final FrameStore frames;
  final Objects objects;
  final Sources sources;
  final Spaces spaces;

  Rig() {
    this(1L << 30);
  }

  Rig(long ram) {
    machine =
        new DefaultMachineFactory()
            .create(MachineSpec.isolated("rig", 48, List.of(MemoryRegion.ram(0, ram))));
    frames = new FrameStore(machine.memory(), machine.frames("domain.memory"));
    objects = new Objects(new Random(5)::nextLong, true);
    sources = new Sources(objects, () -> frames);
    spaces =
        new Spaces(objects, sources, KindLimits.UNKNOWN, Space.FollowerListener.NONE, 1L << 32);
  }

  Space space(String name) {
    return spaces.create(alice, AddressSpaceSpec.named(name));
  }

  Source anonymous(long length, boolean onDemand) {
    return sources.create(alice, "memory", new MemorySpec.Anonymous(length, onDemand));
  }

  Source copyOf(Source original) {
    Handle<org.ioasis.api.domain.MemorySource> handle = original.handle();
    return sources.create(alice, "copy", new MemorySpec.CopyOf(handle));
  }

  static OptionalLong at(long iova) {
    return OptionalLong.of(iova);
  }

  static IovaRange range(long first, long length) {
    return IovaRange.of(first, length);
  }

  @Override
  public void close() {
    machine.close();
  }
}
