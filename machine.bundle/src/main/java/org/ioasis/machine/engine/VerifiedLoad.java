package org.ioasis.machine.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaLoad;
import org.ioasis.api.engine.LoadReport;
import org.ioasis.api.engine.LoadSpec;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.TimeSource;

/**
 * The load generator. For every block it remembers the version it wrote last, 0 for none; the
 * pattern of a block is a function of seed, address and version, so every byte that comes back is
 * known. A write that did not end OK leaves the block unknown until the next one succeeds.
 *
 * <p><b>Threading:</b> {@link #run} in one thread at a time; {@code this} guards the report.
 */
final class VerifiedLoad implements DmaLoad {
  private static final int UNKNOWN = -1;

  /** How long one wait for the pace may last before the condition is asked again. */
  private static final long PACE_NANOS = 1_000_000;

  /** How far the load may fall behind its pace and still catch up. */
  private static final long CATCH_UP_NANOS = 100_000_000;

  private final DmaChannel channel;
  private final TimeSource time;
  private final LoadSpec spec;
  private final SplittableRandom random;
  private final int[] versions;
  private final ByteBuffer buffer;

  private final Map<TransferStatus, Long> refused = new EnumMap<>(TransferStatus.class);
  private long accesses;
  private long wrongBytes;
  private long began;
  private long lastOk;
  private long longestGap;

  VerifiedLoad(ModelledEngine engine, LoadSpec spec) {
    this.channel = engine.channel();
    this.time = engine.time();
    this.spec = spec;
    this.random = new SplittableRandom(spec.seed());
    this.versions = new int[Math.toIntExact(spec.length() / spec.bytesPerAccess())];
    this.buffer = ByteBuffer.allocate(spec.bytesPerAccess()).order(ByteOrder.LITTLE_ENDIAN);
    mark();
  }

  @Override
  public LoadReport run(BooleanSupplier until) {
    long next = time.nanoTime();
    mark();
    while (!until.getAsBoolean()) {
      int block = random.nextInt(versions.length);
      if (versions[block] > 0 && random.nextBoolean()) {
        verify(block);
      } else {
        write(block);
      }
      if (spec.accessesPerSecond() > 0) {
        next =
            Math.max(
                next + 1_000_000_000L / spec.accessesPerSecond(), time.nanoTime() - CATCH_UP_NANOS);
        pace(next, until);
      }
    }
    return report();
  }

  /** Waits until it is time for the next access. */
  private void pace(long next, BooleanSupplier until) {
    for (long left = next - time.nanoTime();
        left > 0 && !until.getAsBoolean();
        left = next - time.nanoTime()) {
      time.pause(Math.min(left, PACE_NANOS));
    }
  }

  private long address(int block) {
    return spec.iova() + (long) block * spec.bytesPerAccess();
  }

  private void write(int block) {
    int version = Math.max(versions[block], 0) + 1;
    buffer.clear();
    while (buffer.hasRemaining()) {
      buffer.putLong(pattern(block, version, buffer.position()));
    }
    buffer.flip();
    versions[block] = UNKNOWN;
    TransferStatus status = channel.write(spec.pasid(), address(block), buffer);
    if (status == TransferStatus.OK) {
      versions[block] = version == Integer.MAX_VALUE ? 1 : version;
    }
    ended(status, 0);
  }

  private void verify(int block) {
    buffer.clear();
    TransferStatus status = channel.read(spec.pasid(), address(block), buffer);
    long wrong = 0;
    if (status == TransferStatus.OK) {
      for (int at = 0; at < spec.bytesPerAccess(); at += Long.BYTES) {
        wrong += differing(buffer.getLong(at) ^ pattern(block, versions[block], at));
      }
    }
    ended(status, wrong);
  }

  private static int differing(long bits) {
    int bytes = 0;
    for (long left = bits; left != 0; left >>>= Byte.SIZE) {
      bytes += (left & 0xFF) == 0 ? 0 : 1;
    }
    return bytes;
  }

  /** 8 bytes that say where they belong and when they were written. */
  private long pattern(int block, int version, int at) {
    long mixed = spec.seed() + address(block) + at + version * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
    return mixed ^ mixed >>> 27;
  }

  private synchronized void ended(TransferStatus status, long wrong) {
    if (status != TransferStatus.OK) {
      refused.merge(status, 1L, Long::sum);
      return;
    }
    long now = time.nanoTime();
    longestGap = Math.max(longestGap, now - lastOk);
    lastOk = now;
    accesses++;
    wrongBytes += wrong;
  }

  @Override
  public synchronized LoadReport report() {
    return new LoadReport(
        accesses,
        accesses * spec.bytesPerAccess(),
        wrongBytes,
        refused,
        time.nanoTime() - began,
        longestGap);
  }

  @Override
  public synchronized void mark() {
    refused.clear();
    accesses = 0;
    wrongBytes = 0;
    began = time.nanoTime();
    lastOk = began;
    longestGap = 0;
  }
}
