package org.ioasis.domain.device;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.ioasis.api.device.Coherence;
import org.ioasis.api.device.DeviceGroup;
import org.ioasis.api.device.DevicePolicy;
import org.ioasis.api.device.DeviceView;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DriverCapabilities;
import org.ioasis.api.driver.ReservedRegion;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.domain.unit.HostedDevice;
import org.ioasis.domain.unit.PortGate;
import org.ioasis.domain.unit.UnitHost;

/**
 * A device on the fabric: who owns it, which unit serves it, what is attached where.
 *
 * <p><b>Threading:</b> the lock of the structure guards all fields; those that are volatile may be
 * read without it.
 */
public final class DeviceCore implements DeviceView {
  private final Devices devices;
  private final EndpointSpec spec;
  private final DeviceFacts facts;
  private final DevicePolicy policy;
  private final PortGate gate;
  private final Map<Integer, Place> places = new TreeMap<>();
  private volatile String unit;
  private volatile HostedDevice hosted;
  private volatile BoundDevice binding;
  private volatile TenantCore tenant;
  private InterruptCore interrupts;
  private volatile boolean away;
  private volatile boolean quarantined;
  private volatile List<ReservedRegion> reserved = List.of();
  private volatile Coherence coherence;
  private long blockedSeen;

  DeviceCore(Devices devices, EndpointSpec spec, DeviceSettings settings, PortGate gate) {
    this.devices = devices;
    this.spec = spec;
    this.facts =
        new DeviceFacts(
            spec, settings.aliasesOf(spec.sourceId()), settings.mayNotSnoop(spec.sourceId()));
    this.policy = settings.policyOf(spec.sourceId());
    this.gate = gate;
    this.coherence = new Coherence(facts.mayNotSnoop(), false, true);
  }

  String name() {
    return spec.name();
  }

  int sourceId() {
    return spec.sourceId();
  }

  DeviceFacts facts() {
    return facts;
  }

  /** The valve of its port. */
  public PortGate gate() {
    return gate;
  }

  Map<Integer, Place> places() {
    return places;
  }

  Optional<Place> place(int pasid) {
    return Optional.ofNullable(places.get(pasid));
  }

  Collection<Place> all() {
    return List.copyOf(places.values());
  }

  /** Identity of the unit that serves it or is to serve it again; null if none is known. */
  String unit() {
    return unit;
  }

  void unit(String unitId) {
    unit = unitId;
  }

  HostedDevice hosted() {
    return hosted;
  }

  void hosted(HostedDevice device) {
    hosted = device;
  }

  BoundDevice binding() {
    return binding;
  }

  void binding(BoundDevice bound) {
    binding = bound;
  }

  TenantCore tenant() {
    return tenant;
  }

  void tenant(TenantCore of) {
    tenant = of;
  }

  /** Its interrupts, or null. */
  InterruptCore interrupts() {
    return interrupts;
  }

  void interrupts(InterruptCore of) {
    interrupts = of;
  }

  /** Whether it has left the fabric. */
  boolean isAway() {
    return away;
  }

  void away(boolean gone) {
    away = gone;
  }

  /** Whether it is blocked because what served it is gone. */
  boolean isQuarantined() {
    return quarantined;
  }

  void quarantined(boolean blocked) {
    quarantined = blocked;
  }

  void reserved(List<ReservedRegion> regions) {
    reserved = List.copyOf(regions);
  }

  /** Computes anew how it is with caches; the lock of the structure is held. */
  void refreshCoherence() {
    boolean enforced = !places.isEmpty();
    for (Place place : places.values()) {
      enforced &= place.domain.flags().contains(DomainFlag.ENFORCE_SNOOP);
    }
    boolean walks =
        devices
            .hosts()
            .host(unit)
            .map(UnitHost::knownCapabilities)
            .map(can -> can.map(DriverCapabilities::coherentWalks).orElse(true))
            .orElse(true);
    coherence = new Coherence(facts.mayNotSnoop(), enforced, walks);
  }

  @Override
  public EndpointSpec endpoint() {
    return spec;
  }

  @Override
  public List<Integer> aliases() {
    return facts.aliases();
  }

  @Override
  public Optional<String> unitId() {
    HostedDevice at = hosted;
    return at != null && at.isAlive() ? Optional.of(at.host().unitId()) : servedBy();
  }

  private Optional<String> servedBy() {
    return devices
        .hosts()
        .host(devices.unitOf(this))
        .filter(UnitHost::isTranslating)
        .map(UnitHost::unitId);
  }

  @Override
  public DeviceGroup group() {
    return devices.groupOf(this);
  }

  @Override
  public List<ReservedRegion> reservedRegions() {
    return reserved;
  }

  @Override
  public Coherence coherence() {
    return coherence;
  }

  @Override
  public DevicePolicy policy() {
    return policy;
  }

  @Override
  public Optional<String> owner() {
    BoundDevice bound = binding;
    return bound == null ? Optional.empty() : Optional.of(bound.terms().owner());
  }

  /** Requests that met the closed port since this was asked last. */
  long takeBlocked() {
    long now = gate.blockedCount();
    long since = now - blockedSeen;
    blockedSeen = now;
    return since;
  }

  boolean hasPasids() {
    return places.keySet().stream().anyMatch(pasid -> pasid != DmaRequest.NO_PASID);
  }

  @Override
  public String toString() {
    return "device %s (0x%x)".formatted(spec.name(), spec.sourceId());
  }
}
