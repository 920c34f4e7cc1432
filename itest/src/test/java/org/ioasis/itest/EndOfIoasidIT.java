package org.ioasis.itest;

import static org.ioasis.itest.PlatformServices.soon;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.IoasService;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.IoasidEvent;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.IoasidService;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetToken;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.testing.Requirement;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/**
 * An id is freed while a device works with it: on the shipped bundles DMA stops, faults are
 * drained, the entry goes, and only then is the number anybody else's.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class EndOfIoasidIT {
  private static final String DEVICE = "gpu";
  private static final long IOVA = 0x7000_0000L, PAGE = 0x1000;

  @Inject private BundleContext context;
  private PlatformServices services;
  private final List<String> order = new CopyOnWriteArrayList<>();
  private final LinkedBlockingQueue<Runnable> acknowledgements = new LinkedBlockingQueue<>();

  /** The shipped bundles, each of the vendors in its turn would say the same. */
  @Configuration
  public Option[] configuration() {
    return new Option[] {
      Distribution.framework(),
      Distribution.bundles(jar -> !jar.contains("ioasis.smmuv3") && !jar.contains("ioasis.vtd"))
    };
  }

  /** One unit and a device with PASIDs. */
  @Before
  public void configure() throws Exception {
    PlatformConfiguration platform = new PlatformConfiguration(context);
    platform.unit("iommu0", "amdvi");
    platform.device(DEVICE, 0x20, Map.of("trusted", true, "pasid.bits", 16));
    services = new PlatformServices(context);
  }

  private AddressSpace space(String name) {
    IoasService ioas = services.find(IoasService.class);
    AddressSpace space = ioas.createSpace(AddressSpaceSpec.named(name));
    MemorySource memory = ioas.createSource(name, new MemorySpec.Anonymous(PAGE, false));
    int rights = DmaRequest.READ | DmaRequest.WRITE;
    space.map(MapRequest.of(memory.handle(), 0, PAGE, rights).at(IOVA));
    return space;
  }

  private static TransferStatus store(DmaChannel channel, Pasid id, int value) {
    return channel.write(id.value(), IOVA, ByteBuffer.allocate(4).putInt(value).flip());
  }

  private static int load(DmaChannel channel, Pasid id) {
    ByteBuffer bytes = ByteBuffer.allocate(4);
    assertEquals(TransferStatus.OK, channel.read(id.value(), IOVA, bytes));
    return bytes.flip().getInt();
  }

  private void listen(IoasidListener.Order when, IoasidListener listener) {
    Dictionary<String, Object> properties =
        FrameworkUtil.asDictionary(
            Map.of(IoasidListener.ORDER, when.name(), IoasidListener.ACKNOWLEDGE, true));
    context.registerService(IoasidListener.class, listener, properties);
  }

  @Test
  @Requirement(33)
  public void dmaStopsFaultsDrainTheEntryGoesAndOnlyThenTheNumberIsReused() throws Exception {
    DmaEngine engine = services.find(DmaEngine.class);
    DeviceService devices = services.find(DeviceService.class);
    Device device = soon(() -> devices.bind(DEVICE, Binding.of("itest", 0xCAFE)));
    IoasidSet set = services.find(IoasidService.class).allocateSet(new SetToken("vm", 33), 2);
    Pasid id = set.allocate(AllocationRequest.within(List.of()));
    AddressSpace process = space("process");
    soon(() -> device.attach(new AttachTarget.Space(process.handle()), id.value()));
    DmaChannel channel = engine.channel();
    assertEquals(TransferStatus.OK, store(channel, id, 7));
    assertEquals(7, load(channel, id));

    DmaChannel afterQuiesce = engine.channel();
    listen(
        IoasidListener.Order.DRAIN,
        (event, acknowledge) -> {
          if (event instanceof IoasidEvent.Freed) {
            order.add("quiesced, a store ends " + store(afterQuiesce, id, 8));
          }
          acknowledge.run();
        });
    listen(
        IoasidListener.Order.OBSERVE,
        (event, acknowledge) -> {
          if (event instanceof IoasidEvent.Freed) {
            order.add("gone from %d places".formatted(device.attachments().size()));
            acknowledgements.add(acknowledge);
          } else if (event instanceof IoasidEvent.Reclaimed) {
            order.add("reclaimed");
          }
        });
    set.free(id);
    Runnable acknowledge = acknowledgements.poll(10, TimeUnit.SECONDS);
    assertEquals("not before everybody agrees", IoasidState.FREE_PENDING, set.stateOf(id));
    assertNotEquals(id, set.allocate(AllocationRequest.within(List.of())));
    acknowledge.run();
    assertEquals(
        List.of(), Components.await(() -> order.size() < 3 ? List.of("" + order) : List.of()));
    assertEquals(List.of("quiesced, a store ends FAULT", "gone from 0 places", "reclaimed"), order);
    assertEquals(IoasidState.FREE, set.stateOf(id));

    AddressSpace next = space("next");
    device.attach(new AttachTarget.Space(next.handle()), id.value());
    assertEquals("memory of the next", 0, load(channel, id));
    assertTrue(set.allocate(AllocationRequest.within(List.of())).value() > 0);
    device.destroy();
  }
}
