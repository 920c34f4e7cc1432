package org.ioasis.allocator;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/**
 * Where the books lie while the bundle is updated: a service of the framework's own bundle, which
 * outlives ours, made of classes of the Java platform only. In memory and not on disk, because
 * private data are objects, and because a framework that starts anew has no ids out.
 *
 * <p>Books that a successor cannot read stay where they are, so that no start ever begins with
 * nothing out while ids are.
 *
 * <p><b>Threading:</b> the framework's.
 */
final class Legacy {
  private static final String PROPERTY = "ioasis.hand.over";
  private static final String OWNER = "org.ioasis.allocator";

  private final AtomicReference<Object> box;
  private final Map<String, Object> books;

  private Legacy(AtomicReference<Object> box, Map<String, Object> books) {
    this.box = box;
    this.books = books;
  }

  /** Leaves the books. */
  static void leave(BundleContext context, Map<String, Object> books) {
    AtomicReference<Object> box = new AtomicReference<>(books);
    ServiceRegistration<?> registration =
        context
            .getBundle(0)
            .getBundleContext()
            .registerService(
                AtomicReference.class, box, FrameworkUtil.asDictionary(Map.of(PROPERTY, OWNER)));
    books.put("registration", registration);
  }

  /** Finds them and lets them lie; null if there are none. */
  @SuppressWarnings("unchecked") // only leave() fills such a box
  static Legacy find(BundleContext context) {
    BundleContext system = context.getBundle(0).getBundleContext();
    try {
      for (ServiceReference<?> reference :
          system.getServiceReferences(AtomicReference.class, "(" + PROPERTY + "=" + OWNER + ")")) {
        AtomicReference<Object> box = (AtomicReference<Object>) system.getService(reference);
        Object books = box == null ? null : box.get();
        system.ungetService(reference);
        if (books != null) {
          return new Legacy(box, (Map<String, Object>) books);
        }
      }
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException("our own filter", e);
    }
    return null;
  }

  /** The books, to read and not to change. */
  Map<String, Object> books() {
    return books;
  }

  /**
   * Empties the box for good: the reader has all that was in it and goes on with it.
   *
   * @throws IoasisException BUSY if another instance was faster
   */
  void taken() {
    if (!box.compareAndSet(books, null)) {
      throw new IoasisException(
          Reason.BUSY, "take-over refused: another instance of the allocator has the books");
    }
    ((ServiceRegistration<?>) books.get("registration")).unregister();
  }
}
