package org.ioasis.capture.command;

import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.machine.MachineFactory;
import org.ioasis.capture.replay.Laboratory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * The laboratory of the bundle: whatever makers of machines and units the platform has now. A unit
 * that a command has made lives on its factory's bundle; a vendor that goes ends the commands under
 * way with their next request.
 *
 * <p><b>Threading:</b> any thread; the list is exchanged as a whole.
 */
@Component(service = Laboratory.class)
public final class Workbench implements Laboratory {
  private final MachineFactory machines;

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  private volatile List<HardwareFactory> factories;

  /** Made by the component runtime. */
  @Activate
  public Workbench(@Reference MachineFactory machines) {
    this.machines = machines;
  }

  /** For those who have no component runtime. */
  public Workbench(MachineFactory machines, List<HardwareFactory> factories) {
    this.machines = machines;
    this.factories = List.copyOf(factories);
  }

  @Override
  public MachineFactory machines() {
    return machines;
  }

  @Override
  public HardwareFactory hardware(String kind) {
    List<HardwareFactory> now = factories;
    for (HardwareFactory factory : now) {
      if (factory.kind().equals(kind)) {
        return factory;
      }
    }
    List<String> kinds = now.stream().map(HardwareFactory::kind).sorted().distinct().toList();
    throw new IoasisException(
        Reason.GONE,
        "no bundle here models hardware of kind '%s', only %s; start it with --vendors"
            .formatted(kind, kinds));
  }
}
