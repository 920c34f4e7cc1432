package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The bundles that use the allocator, by the framework's number for them.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class Clients {
  private final Allocator allocator;
  private final Relay relay;
  private final Map<Long, Integer> numbers = new HashMap<>();
  private final Map<Integer, String> names = new HashMap<>();
  private final Map<Integer, List<Client>> views = new HashMap<>();

  /** Those of a new allocator. */
  public Clients(Allocator allocator) {
    this(allocator, new Relay());
    serve();
  }

  Clients(Allocator allocator, Relay relay) {
    this.allocator = allocator;
    this.relay = relay;
    names.put(0, "the platform");
  }

  /** Begins to hear of what is closed, what was closed meanwhile included. */
  public void serve() {
    relay.serve(allocator);
    allocator.listeners.deadlines.arm(); // for ids that a former instance was freeing
  }

  /** The allocator they use. */
  public Allocator allocator() {
    return allocator;
  }

  Relay relay() {
    return relay;
  }

  /** The view of a bundle; the same rights if it comes again. */
  public synchronized Client client(long bundle, String name) {
    int number = numbers.computeIfAbsent(bundle, b -> numbers.size() + 1);
    names.put(number, name);
    Client view = new Client(this, number, name);
    views.computeIfAbsent(number, n -> new ArrayList<>()).add(view);
    return view;
  }

  synchronized void known(long bundle, int number, String name) {
    numbers.put(bundle, number);
    names.put(number, name);
  }

  synchronized String name(int client) {
    return names.getOrDefault(client, "client " + client);
  }

  /** The numbers of bundles seen so far. */
  public synchronized List<Long> bundles() {
    return List.copyOf(numbers.keySet());
  }

  synchronized Map<Long, Integer> numbers() {
    return Map.copyOf(numbers);
  }

  /** A bundle has gone; does nothing if it had nothing or the allocator itself is going. */
  public void gone(long bundle) {
    Client client;
    synchronized (this) {
      Integer number = numbers.get(bundle);
      if (number == null || allocator.books.retired) {
        return;
      }
      client = new Client(this, number, name(number));
      List<Client> gone = views.remove(number);
      if (gone != null) {
        gone.forEach(Client::leave);
      }
    }
    client.end();
  }

  void closeLease(LeaseCore lease) {
    if (!allocator.leases.close(lease)) {
      relay.send(lease.number); // a successor has the books
    }
  }

  void closePublisher(long publisher) {
    relay.send(-publisher);
  }
}
