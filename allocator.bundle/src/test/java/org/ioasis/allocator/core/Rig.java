package org.ioasis.allocator.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.IdBound;
import org.ioasis.api.ioasid.IoasidEvent;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.IoasidListener.Delivery;
import org.ioasis.api.ioasid.IoasidListener.Order;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetToken;

/** An allocator whose time and second phase a test drives. */
final class Rig {
  static final long TIMEOUT = 100_000_000;

  final ManualTime time = new ManualTime();
  final Deque<Runnable> tasks = new ArrayDeque<>();
  final List<String> laggards = new ArrayList<>();
  final List<String> failures = new ArrayList<>();
  final Surroundings around;
  final Allocator allocator;
  final Clients clients;
  final Client client;

  Rig() {
    this(1 << 20, 32768);
  }

  Rig(int total, int systemQuota) {
    this(total, systemQuota, 1024, Long.MAX_VALUE);
  }

  Rig(int total, int systemQuota, int queueLimit, long slowNanos) {
    this.around =
        new Surroundings(
            time, tasks::add, () -> {}, new Notes(), TIMEOUT, slowNanos, queueLimit, true);
    this.allocator = new Allocator(around, total, systemQuota);
    this.clients = new Clients(allocator);
    this.client = clients.client(7, "test");
  }

  private final class Notes implements Watcher {
    @Override
    public void laggard(String listener, IoasidEvent event) {
      laggards.add(listener);
    }

    @Override
    public void failed(String listener, Throwable thrown) {
      failures.add(listener);
    }
  }

  IoasidSet set(long token, int quota) {
    return client.allocateSet(new SetToken("vm", token), quota);
  }

  static AllocationRequest any() {
    return AllocationRequest.within(List.of());
  }

  static AllocationRequest within(int bits) {
    return AllocationRequest.within(List.of(new IdBound("unit u" + bits, bits)));
  }

  Object listen(String name, Order order, Delivery delivery, boolean ack, IoasidListener listener) {
    return allocator.addListener(listener, ListenerOptions.of(name, order, delivery, ack));
  }

  List<IoasidEvent> record(Delivery delivery) {
    List<IoasidEvent> events = new ArrayList<>();
    listen("recorder", Order.OBSERVE, delivery, false, (event, ack) -> events.add(event));
    return events;
  }

  /** Runs the second phase until nothing moves. */
  void settle() {
    for (int i = 0; i < 50; i++) {
      allocator.pump();
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        task.run();
      }
    }
  }

  /** The rules that hold after every step. */
  void check() {
    var books = client.capacity();
    if (books.quotas() + books.unassigned() != books.total()) {
      throw new AssertionError("books: " + books);
    }
    int top = 0;
    int used = 0;
    for (var set : client.sets()) {
      if (set.inUse() + set.childQuota() > set.quota()) {
        throw new AssertionError("above its quota: " + set);
      }
      top += set.parent().isEmpty() ? set.quota() : 0;
      used += set.inUse();
    }
    if (top != books.quotas() || used != books.inUse()) {
      throw new AssertionError("books %s, but quotas %d, in use %d".formatted(books, top, used));
    }
  }

  static Pasid id(int value) {
    return new Pasid(value);
  }

  static OptionalInt some(int value) {
    return OptionalInt.of(value);
  }

  static Thread start(Runnable action, Consumer<Throwable> thrown) {
    Thread thread = new Thread(action);
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((t, e) -> thrown.accept(e));
    thread.start();
    return thread;
  }
}
