package org.ioasis.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotSame;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import java.io.InputStream;
import java.nio.file.Files;
import java.util.Dictionary;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import javax.inject.Inject;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.IoasidEvent;
import org.ioasis.api.ioasid.IoasidLease;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.IoasidService;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetToken;
import org.ioasis.testing.Requirement;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** allocator.bundle is stopped and updated while ids are out. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class AllocatorHotUpdateIT {
  @Inject private BundleContext context;

  /** The shipped bundles without vendors. */
  @Configuration
  public Option[] configuration() {
    Set<String> vendors = Set.of("vtd", "smmuv3", "amdvi");
    return new Option[] {
      Distribution.framework(),
      Distribution.bundles(jar -> vendors.stream().noneMatch(v -> jar.contains("ioasis." + v)))
    };
  }

  private static void eventually(String what, BooleanSupplier condition) throws Exception {
    for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
      Thread.sleep(20);
    }
    assertTrue(what, condition.getAsBoolean());
  }

  private ServiceReference<IoasidService> reference() throws Exception {
    eventually("a service", () -> context.getServiceReference(IoasidService.class) != null);
    return context.getServiceReference(IoasidService.class);
  }

  private Bundle allocator() {
    for (Bundle bundle : context.getBundles()) {
      if ("org.ioasis.allocator".equals(bundle.getSymbolicName())) {
        return bundle;
      }
    }
    throw new AssertionError("no allocator in the distribution");
  }

  @Test
  @Requirement({23, 28, 33, 34})
  public void idsSurviveTheUpdate() throws Exception {
    IoasidService before = context.getService(reference());
    IoasidSet set = before.allocateSet(new SetToken("vm", 42), 20);
    Set<Pasid> out = new HashSet<>();
    AllocationRequest any = AllocationRequest.within(List.of());
    Object data = new Object();
    Pasid held = set.allocate(any.as(7).with(data));
    out.add(held);
    for (int i = 0; i < 9; i++) {
      out.add(set.allocate(any));
    }
    IoasidLease lease = set.lease(held, "the holder");
    List<IoasidEvent> told = new CopyOnWriteArrayList<>();
    List<String> gone = new CopyOnWriteArrayList<>();
    Dictionary<String, Object> properties =
        FrameworkUtil.asDictionary(Map.of(IoasidListener.ORDER, "INVALIDATE"));
    ServiceRegistration<IoasidListener> listener =
        context.registerService(
            IoasidListener.class, (event, acknowledge) -> told.add(event), properties);
    eventually("the present ids are told", () -> told.size() == 10);
    context.addServiceListener(
        event -> gone.add(event.getType() + ""),
        "(objectClass=" + IoasidService.class.getName() + ")");

    allocator().stop();
    assertEquals("holders are told", List.of("4"), gone);
    try {
      set.allocate(any);
      fail("the stopped allocator hands out ids");
    } catch (IoasisException refused) {
      assertEquals(Reason.GONE, refused.reason());
    }
    told.clear();
    try (InputStream jar = Files.newInputStream(Distribution.jar("allocator"))) {
      allocator().update(jar);
    }
    allocator().start();

    IoasidService after = context.getService(reference());
    assertNotSame(before, after);
    IoasidSet again = after.set(set.handle());
    assertEquals(10, again.inUse());
    assertSame(data, again.find(held.value()));
    assertEquals(held.value(), again.hostOf(7).getAsInt());
    for (int i = 0; i < 10; i++) {
      assertTrue("handed out twice", out.add(again.allocate(any)));
    }
    assertEquals(20, out.size());
    eventually("replayed", () -> told.stream().filter(this::isAllocation).count() == 20);

    again.free(held);
    assertEquals(IoasidState.FREE_PENDING, again.stateOf(held));
    lease.close(); // from before the update
    eventually("reclaimed", () -> again.stateOf(held) == IoasidState.FREE);
    eventually(
        "told", () -> told.stream().anyMatch(event -> event instanceof IoasidEvent.Reclaimed));
    listener.unregister();
    again.destroy();
    eventually("gone", () -> after.sets().stream().noneMatch(s -> s.token().value() == 42));
  }

  /** Stopped and started again, without an update: the same, and twice. */
  @Test
  @Requirement({16, 23, 34})
  public void idsSurviveStopAndStart() throws Exception {
    IoasidService service = context.getService(reference());
    IoasidSet set = service.allocateSet(new SetToken("vm", 43), 20);
    AllocationRequest any = AllocationRequest.within(List.of());
    Set<Pasid> out = new HashSet<>();
    for (int life = 0; life < 3; life++) {
      out.add(set.allocate(any));
      Pasid freed = set.allocate(any);
      IoasidLease lease = set.lease(freed, "over the stop");
      set.free(freed);
      allocator().stop();
      lease.close(); // while there is no allocator
      assertTrue("no data of a stopped allocator", set.find(freed.value()) == null);
      allocator().start();
      service = context.getService(reference());
      set = service.set(set.handle());
      IoasidSet now = set;
      eventually("closed by the next", () -> now.stateOf(freed) == IoasidState.FREE);
      assertEquals(life + 1, set.inUse());
      assertTrue(out.stream().allMatch(id -> now.stateOf(id) == IoasidState.IDLE));
    }
    assertEquals(3, out.size());
    set.destroy();
    IoasidService last = service;
    eventually("gone", () -> last.sets().stream().noneMatch(s -> s.token().value() == 43));
  }

  /** Books of a form that it does not know stop an allocator from starting, each time it tries. */
  @Test
  @Requirement(23)
  public void aForeignFormIsRefusedAndStaysWhereItIs() throws Exception {
    IoasidService before = context.getService(reference());
    IoasidSet set = before.allocateSet(new SetToken("vm", 44), 5);
    Pasid out = set.allocate(AllocationRequest.within(List.of()));
    allocator().stop();
    Map<String, Object> books = books();
    Object version = books.put("version", "another");
    for (int attempt = 0; attempt < 2; attempt++) {
      allocator().start();
      Thread.sleep(200);
      assertNull("no service", context.getServiceReference(IoasidService.class));
      allocator().stop();
      assertSame("the books lie", books, books());
    }
    books.put("version", version);
    allocator().start();
    IoasidService after = context.getService(reference());
    IoasidSet again = after.set(set.handle());
    assertEquals(IoasidState.IDLE, again.stateOf(out));
    assertFalse(out.equals(again.allocate(AllocationRequest.within(List.of()))));
    again.destroy();
  }

  /** Where a stopped allocator leaves its books. */
  @SuppressWarnings("unchecked") // so the allocator writes them
  private Map<String, Object> books() throws Exception {
    BundleContext system = context.getBundle(0).getBundleContext();
    ServiceReference<?>[] boxes =
        system.getServiceReferences(
            AtomicReference.class.getName(), "(ioasis.hand.over=org.ioasis.allocator)");
    return (Map<String, Object>) ((AtomicReference<Object>) system.getService(boxes[0])).get();
  }

  private boolean isAllocation(IoasidEvent event) {
    return event instanceof IoasidEvent.Allocated;
  }
}
