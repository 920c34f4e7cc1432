package org.ioasis.itest;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.PhysicalMemory;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;

/**
 * Somebody who programs a VT-d unit as an operating system does, whenever there is one, and a
 * device behind it that never stops its DMA. Counts what became of each request.
 *
 * <p>The tables map {@value #PAGES} pages from {@link #IOVA} on to {@link #TARGET} on. At the
 * addresses of the IOVAs themselves lies a marker, so that a request that passed untranslated is
 * noticed by what it reads.
 *
 * <p><b>Threading:</b> the device has a thread of its own; factories come and go on any.
 */
final class DmaConsumer
    implements AutoCloseable, ServiceTrackerCustomizer<HardwareFactory, HardwareUnit> {
  private static final String UNIT = "consumer's unit";
  private static final int SOURCE = 0x20; // 00:04.0
  private static final int PAGES = 64;
  private static final long IOVA = 0x10_0000, TARGET = 0x80_0000, PAGE = 0x1000;
  private static final long CONTENT = 0x5EED_0000L, MARKER = 0xBAD0_BAD0L;
  private static final long PAUSE_NANOS = 10_000, LIMIT_SECONDS = 20;

  // Registers and commands. VT-d, "Register Descriptions".
  private static final long GCMD = 0x18, GSTS = 0x1C, RTADDR = 0x20;
  private static final int SRTP = 1 << 30, TE = 1 << 31;

  private final Machine machine;
  private final DmaPort port;
  private final ServiceTracker<HardwareFactory, HardwareUnit> tracker;
  private final Thread device = new Thread(this::work, "device");
  private final AtomicLong translated = new AtomicLong();
  private final AtomicLong blocked = new AtomicLong();
  private final Map<String, Long> wrong = new ConcurrentHashMap<>();
  private final AtomicReference<Throwable> thrown = new AtomicReference<>();
  private volatile boolean ending;

  /** Builds the tables, joins the device and waits for hardware. */
  DmaConsumer(BundleContext context, Machine machine) throws Exception {
    this.machine = machine;
    writeTables(machine.memory());
    port =
        machine.fabric().join(EndpointSpec.plain("consumer's device", SOURCE), new Endpoint() {});
    tracker =
        new ServiceTracker<>(
            context,
            context.createFilter(
                "(&(objectClass=%s)(%s=vtd))"
                    .formatted(HardwareFactory.class.getName(), HardwareFactory.KIND)),
            this);
    tracker.open();
    device.start();
  }

  /** Legacy mode, second stage of 4 levels, literal words. VT-d, "Root Entry", "Context Entry". */
  private static void writeTables(PhysicalMemory memory) {
    memory.store64(0x1000, 0x2001); // root entry of bus 0: present, context table
    memory.store64(0x2000 + SOURCE * 16L, 0x3001); // context entry: present, second stage
    memory.store64(0x2008 + SOURCE * 16L, 0x702); // domain 7, 4 levels
    memory.store64(0x3000, 0x4003);
    memory.store64(0x4000, 0x5003);
    memory.store64(0x5000, 0x6003);
    for (int page = 0; page < PAGES; page++) {
      memory.store64(0x6000 + 8 * (256 + page), 0x80_0003L + page * PAGE);
      memory.store64(TARGET + page * PAGE, CONTENT + page);
      memory.store64(IOVA + page * PAGE, MARKER);
    }
    memory.barrier();
  }

  @Override
  public HardwareUnit addingService(ServiceReference<HardwareFactory> reference) {
    HardwareFactory factory = reference.getBundle().getBundleContext().getService(reference);
    HardwareUnit unit = factory.create(machine.environment(UNIT), factory.profiles().get(0));
    Mmio mmio = unit.mmio();
    mmio.write64(RTADDR, 0x1000);
    command(mmio, SRTP);
    command(mmio, TE);
    machine.fabric().install(UNIT, unit);
    machine.fabric().port(SOURCE).orElseThrow().open(UNIT);
    return unit;
  }

  private void command(Mmio mmio, int bit) {
    mmio.write32(GCMD, bit);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while ((mmio.read32(GSTS) & bit) == 0) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("GSTS never showed 0x%x".formatted(bit));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  @Override
  public void modifiedService(ServiceReference<HardwareFactory> reference, HardwareUnit unit) {}

  @Override
  public void removedService(ServiceReference<HardwareFactory> reference, HardwareUnit unit) {
    machine.fabric().remove(UNIT);
    unit.close();
  }

  private void work() {
    try {
      DmaBurst burst = port.burst();
      DmaRequest request = new DmaRequest();
      for (int page = 0; !ending; page = (page + 1) % PAGES) {
        burst.begin();
        try {
          request.set(SOURCE, DmaRequest.NO_PASID, IOVA + page * PAGE, 8, DmaRequest.READ);
          count(burst, burst.translate(request), page);
        } finally {
          burst.end();
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (RuntimeException | Error e) {
      thrown.set(e);
    }
  }

  private void count(DmaBurst burst, long translation, int page) {
    if (!Translation.isPresent(translation)) {
      if (Translation.refusal(translation) == Translation.Refusal.BLOCKED) {
        blocked.incrementAndGet();
      } else {
        wrong.merge(Translation.toString(translation), 1L, Long::sum);
      }
      return;
    }
    long address = Translation.address(translation);
    long content = burst.load(translation, 8);
    if (address == TARGET + page * PAGE && content == CONTENT + page) {
      translated.incrementAndGet();
    } else {
      wrong.merge("page %d: 0x%x holds 0x%x".formatted(page, address, content), 1L, Long::sum);
    }
  }

  /** The class loader of the unit at work, or null. */
  ClassLoader maker() {
    HardwareUnit unit = tracker.getService();
    return unit == null ? null : unit.getClass().getClassLoader();
  }

  /** Requests that reached their page. */
  long translated() {
    return translated.get();
  }

  /** Waits until so many more requests have been translated, or have been blocked. */
  void awaitMore(boolean blockedOnes, long more) throws InterruptedException {
    AtomicLong counter = blockedOnes ? blocked : translated;
    long goal = counter.get() + more;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (counter.get() < goal) {
      if (System.nanoTime() > end || !device.isAlive()) {
        throw new AssertionError(
            "%d more %s requests did not come: %s"
                .formatted(more, blockedOnes ? "blocked" : "translated", this));
      }
      Thread.sleep(1);
    }
  }

  /** What must not have happened: other answers, untranslated data, anything thrown; or nothing. */
  String complaint() {
    return wrong.isEmpty() && thrown.get() == null ? "" : toString();
  }

  @Override
  public String toString() {
    return "translated %s, blocked %s, wrong %s, thrown %s"
        .formatted(translated, blocked, wrong, thrown);
  }

  @Override
  public void close() throws InterruptedException {
    ending = true;
    device.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
    tracker.close();
    port.close();
  }
}
