package org.ioasis.allocator;

import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/**
 * Where the books lie while the bundle is updated: a service of the framework's own bundle, which
 * outlives ours, made of classes of the Java platform only. In memory and not on disk, because
 * private data are objects, and because a framework that starts anew has no ids out.
 *
 * <p><b>Threading:</b> the framework's.
 */
final class Legacy {
  private static final String PROPERTY = "ioasis.hand.over";
  private static final String OWNER = "org.ioasis.allocator";

  private Legacy() {}

  /** Leaves the books. */
  static void leave(BundleContext context, Map<String, Object> books) {
    Dictionary<String, Object> properties = new Hashtable<>();
    properties.put(PROPERTY, OWNER);
    AtomicReference<Object> box = new AtomicReference<>(books);
    ServiceRegistration<?> registration =
        context
            .getBundle(0)
            .getBundleContext()
            .registerService(AtomicReference.class, box, properties);
    books.put("registration", registration);
  }

  /** Takes them, once; null if there are none. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> take(BundleContext context) {
    BundleContext system = context.getBundle(0).getBundleContext();
    try {
      for (ServiceReference<?> reference :
          system.getServiceReferences(AtomicReference.class, "(" + PROPERTY + "=" + OWNER + ")")) {
        AtomicReference<Object> box = (AtomicReference<Object>) system.getService(reference);
        Map<String, Object> books = box == null ? null : (Map<String, Object>) box.getAndSet(null);
        system.ungetService(reference);
        if (books != null) {
          ((ServiceRegistration<?>) books.remove("registration")).unregister();
          return books;
        }
      }
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException("our own filter", e);
    }
    return null;
  }
}
