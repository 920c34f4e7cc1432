package org.ioasis.domain.client;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/**
 * Where the books lie while the bundle is updated: a service of the framework&#39;s own bundle,
 * which outlives ours. In memory and not on disk, because clients&#39; objects are among them, and
 * because a framework that starts anew has no memory and no tables left that they could speak of.
 *
 * <p><b>Threading:</b> the framework&#39;s.
 */
public final class Legacy {
  private static final String PROPERTY = "ioasis.hand.over";
  private static final String OWNER = "org.ioasis.domain";

  private final AtomicReference<Object> box;
  private final Map<String, Object> books;

  private Legacy(AtomicReference<Object> box, Map<String, Object> books) {
    this.box = box;
    this.books = books;
  }

  /** Leaves the books. */
  public static void leave(BundleContext context, Map<String, Object> books) {
    AtomicReference<Object> box = new AtomicReference<>(books);
    BundleContext system = context.getBundle(0).getBundleContext();
    books.put(
        "registration",
        system.registerService(
            AtomicReference.class, box, FrameworkUtil.asDictionary(Map.of(PROPERTY, OWNER))));
  }

  /** Finds them and lets them lie; null if there are none. */
  @SuppressWarnings("unchecked") // only leave() fills such a box
  public static Legacy find(BundleContext context) {
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
  public Map<String, Object> books() {
    return books;
  }

  /** Empties the box for good: the reader goes on with it, or they are of no use to anybody. */
  public void taken() {
    box.compareAndSet(books, null);
    ((ServiceRegistration<?>) books.get("registration")).unregister();
  }
}
