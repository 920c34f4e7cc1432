package org.ioasis.domain.space;

import java.util.Optional;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.SpaceOption;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Objects;

/**
 * Settings of the whole service, and the space of compatibility calls.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class Options {
  private static final long LEAST_BATCH = 12;

  private final Objects objects;
  private final Ledger ledger;
  private volatile long batchBytes = 64 << 10;
  private volatile Handle<AddressSpace> defaultSpace;

  /** Defaults. */
  public Options(Objects objects, Ledger ledger) {
    this.objects = objects;
    this.ledger = ledger;
  }

  long batchBytes() {
    return batchBytes;
  }

  long get(SpaceOption option, Handle<AddressSpace> space) {
    return switch (option) {
      case ACCOUNTING -> ledger.isPerClient() ? 1 : 0;
      case BATCH_BYTES -> batchBytes;
      case HUGE_PAGES -> find(space).usesHugePages() ? 1 : 0;
    };
  }

  private Space find(Handle<AddressSpace> space) {
    if (space == null) {
      throw new IoasisException(
          Reason.NOT_FOUND, "option refused: HUGE_PAGES belongs to a space; name it");
    }
    return objects.find(space, Space.class);
  }

  void set(Client client, SpaceOption option, Handle<AddressSpace> space, long value) {
    if (option != SpaceOption.HUGE_PAGES && !client.trusted()) {
      throw new IoasisException(
          Reason.DENIED,
          "option refused: %s is for everybody, and %s is not trusted".formatted(option, client));
    }
    boolean legal =
        option == SpaceOption.BATCH_BYTES
            ? value >= LEAST_BATCH && value <= Integer.MAX_VALUE
            : value == 0 || value == 1;
    if (!legal) {
      throw new IoasisException(
          Reason.INVALID, "option refused: %s cannot be %d".formatted(option, value));
    }
    switch (option) {
      case ACCOUNTING -> setAccounting(value);
      case BATCH_BYTES -> batchBytes = value;
      case HUGE_PAGES -> find(space).useHugePages(value == 1);
    }
  }

  private void setAccounting(long value) {
    if (objects.size() > 0) {
      throw new IoasisException(
          Reason.BUSY,
          "option refused: ACCOUNTING cannot change while %d objects exist"
              .formatted(objects.size()));
    }
    ledger.perClient(value == 1);
  }

  Optional<Handle<AddressSpace>> defaultSpace() {
    Handle<AddressSpace> now = defaultSpace;
    if (now == null) {
      return Optional.empty();
    }
    try {
      objects.find(now, Space.class);
      return Optional.of(now);
    } catch (IoasisException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
      return Optional.empty(); // destroyed meanwhile
    }
  }

  void defaultSpace(Handle<AddressSpace> space) {
    if (space != null) {
      objects.find(space, Space.class);
    }
    defaultSpace = space;
  }

  /** For the next instance of the bundle. */
  public Object leave() {
    return new Object[] {batchBytes, defaultSpace, ledger.isPerClient()};
  }

  /** What an earlier instance left. */
  @SuppressWarnings("unchecked")
  public void take(Object left) {
    Object[] parts = (Object[]) left;
    batchBytes = (long) parts[0];
    defaultSpace = (Handle<AddressSpace>) parts[1];
    ledger.perClient((boolean) parts[2]);
  }
}
