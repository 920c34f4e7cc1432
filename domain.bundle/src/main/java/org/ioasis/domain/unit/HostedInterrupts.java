package org.ioasis.domain.unit;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.ioasis.api.driver.InterruptRemapping;
import org.ioasis.api.driver.InterruptRemapping.RemappedInterrupts;

/**
 * A driver's block of interrupt entries as the rest of the bundle holds it. A hand-over leaves the
 * entries in force and ends the block: its device gets another one from the successor.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
public final class HostedInterrupts {
  private final UnitHost host;
  private final Object madeBy;
  private final RemappedInterrupts target;

  private HostedInterrupts(UnitHost host, Object madeBy, RemappedInterrupts target) {
    this.host = host;
    this.madeBy = madeBy;
    this.target = target;
  }

  /**
   * Entries for a device, masked.
   *
   * @return empty if the unit remaps no interrupts
   */
  public static Optional<HostedInterrupts> allocate(HostedDevice device, int count) {
    UnitHost host = device.host();
    return host.call(
        "interrupts",
        driver ->
            driver
                .capability(InterruptRemapping.class)
                .map(
                    remapping ->
                        new HostedInterrupts(
                            host, driver, remapping.allocate(device.target(), count))));
  }

  private <T> T call(String what, Function<RemappedInterrupts, T> body) {
    return host.call(what, driver -> body.apply(target));
  }

  /** See {@link RemappedInterrupts#address}. */
  public long address(int index) {
    return call("interrupt", block -> block.address(index));
  }

  /** See {@link RemappedInterrupts#data}. */
  public int data(int index) {
    return call("interrupt", block -> block.data(index));
  }

  /** See {@link RemappedInterrupts#retarget}. */
  public void retarget(int index, long vectorAddress, int vectorData) {
    call("interrupt", block -> block.retarget(index, vectorAddress, vectorData));
  }

  /** Frees the entries; does nothing if their driver has gone. */
  public void close() {
    if (host.isServing()) {
      ifSame(RemappedInterrupts::close);
    }
  }

  private void ifSame(Consumer<RemappedInterrupts> body) {
    host.call(
        "interrupts",
        driver -> {
          if (driver == madeBy) {
            body.accept(target);
          }
          return null;
        });
  }
}
