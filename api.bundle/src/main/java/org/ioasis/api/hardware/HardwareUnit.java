package org.ioasis.api.hardware;

import java.util.Map;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.machine.FabricUnit;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.state.StatePort;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One hardware model. Software reaches it through {@link #mmio} and the structures in memory; the
 * fabric through {@link FabricUnit}; tools through the three looking glasses.
 *
 * <p><b>Threading:</b> any thread, except as {@link StatePort} says; resets while no port is open
 * for the unit.
 */
@ProviderType
public interface HardwareUnit extends FabricUnit, AutoCloseable {
  /** Identity in its machine. */
  String unitId();

  /** The kind of its factory. */
  String kind();

  /** What it was made after. */
  Profile profile();

  /** The register block. */
  Mmio mmio();

  /** Devices, domains, mappings. */
  Inspector inspector();

  /** Why a DMA went where it went. */
  Explainer explainer();

  /** State in and out. */
  StatePort state();

  /**
   * Returns to reset state with empty caches.
   *
   * @param cold power-good reset; otherwise a warm reset, which sticky registers survive
   */
  void reset(boolean cold);

  /** What was lost, refused, dropped, delayed or cached so far, by name; a snapshot. */
  Map<String, Long> counters();

  /** Ends its work; the fabric has removed it before. */
  @Override
  void close();
}
