package org.ioasis.benchmark.rig;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.MemoryBacking;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.machine.DefaultMachineFactory;

/**
 * A private machine of 1 GiB with one unit and its devices, ports open. Tables begin at {@link
 * #TABLES}, what a vendor needs besides lies below; outputs are the {@code 2^}{@value
 * #OUTPUT_PAGES_LG2} pages from {@link #OUTPUT}.
 *
 * <p><b>Threading:</b> one thread.
 */
public final class Rig implements AutoCloseable {
  /** Where the root table lies. */
  public static final long TABLES = 0x0100_0000;

  /** First output page. */
  public static final long OUTPUT = 0x3000_0000;

  /** log2 of the number of output pages; more IOVA pages share them. */
  public static final int OUTPUT_PAGES_LG2 = 14;

  /** Where the second stage of a nested walk lies, beyond what it maps. */
  public static final long BELOW = 0x3C00_0000;

  /** What it maps: tables, structures and outputs. */
  public static final long GUEST_RAM = OUTPUT + (4096L << OUTPUT_PAGES_LG2);

  /** Source id of device 0; the next one has the next function. */
  public static final int FIRST_SOURCE = 0x0108;

  private static final long RAM_LAST = 0x3FFF_FFFF;
  private static final int ADDRESS_BITS = 48;
  private static final String UNIT = "bench0";

  private final Machine machine;
  private final HardwareUnit unit;
  private final List<DmaBurst> bursts = new ArrayList<>();
  private final List<DmaRequest> requests = new ArrayList<>();

  /**
   * Makes the machine and the unit; there are no devices until {@link #join}.
   *
   * @param factory makes the unit
   * @param profile what to make it after
   */
  public Rig(HardwareFactory factory, Profile profile) {
    machine =
        new DefaultMachineFactory()
            .create(
                MachineSpec.isolated(
                    "benchmark",
                    ADDRESS_BITS,
                    List.of(new MemoryRegion(0, RAM_LAST, MemoryBacking.ZERO))));
    unit = factory.create(machine.environment(UNIT), profile);
    machine.fabric().install(UNIT, unit);
  }

  /** Joins devices and opens their ports. */
  public void join(int devices) {
    for (int device = 0; device < devices; device++) {
      int source = FIRST_SOURCE + device;
      EndpointSpec spec = EndpointSpec.plain("device" + device, source);
      bursts.add(machine.fabric().join(spec, new Endpoint() {}).burst());
      machine.fabric().port(source).orElseThrow().open(UNIT);
      requests.add(new DmaRequest().set(source, DmaRequest.NO_PASID, 0, 4, DmaRequest.READ));
    }
  }

  /** Whether an answer is the one that the tables give for a page. */
  public static boolean isRight(long translation, long page) {
    long output = OUTPUT + ((page & (1L << OUTPUT_PAGES_LG2) - 1) << 12);
    return Translation.isPresent(translation) && Translation.address(translation) == output;
  }

  /** Physical memory. */
  public PhysicalMemory memory() {
    return machine.memory();
  }

  /** The unit. */
  public HardwareUnit unit() {
    return unit;
  }

  /** The burst of a device. */
  public DmaBurst burst(int device) {
    return bursts.get(device);
  }

  /** The request object of a device: reads 4 bytes, without PASID. */
  public DmaRequest request(int device) {
    return requests.get(device);
  }

  @Override
  public void close() {
    machine.close();
  }
}
