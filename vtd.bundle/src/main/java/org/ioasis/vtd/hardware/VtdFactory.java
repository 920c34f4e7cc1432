package org.ioasis.vtd.hardware;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.state.RegisterDictionary;
import org.ioasis.api.state.RegisterValue;
import org.osgi.service.component.annotations.Component;

/** Makes VT-d units. The component of the hardware room; it has no state. */
@Component(service = HardwareFactory.class, property = HardwareFactory.KIND + "=" + VtdFactory.VTD)
public final class VtdFactory implements HardwareFactory {
  /** The kind. */
  public static final String VTD = "vtd";

  private static final Set<String> REGISTERS = Set.of("VER", "CAP", "ECAP");

  private static final Set<String> PARAMETERS = parameters();

  /** A requester id: bus, device, function. A unit serves one PCI segment. */
  private static final int SOURCE_ID_BITS = 16;

  private final RegisterDictionary dictionary =
      new VtdDictionary(Capabilities.of(VtdProfiles.FULL, VtdProfiles.FULL_BITS));
  private final AnswerFormat answers = new VtdAnswers();

  @Override
  public String kind() {
    return VTD;
  }

  @Override
  public List<Profile> profiles() {
    return VtdProfiles.all();
  }

  @Override
  public Profile profileOf(List<RegisterValue> registers, Consumer<String> remarks) {
    return VtdProfiles.of(registers, remarks);
  }

  @Override
  public HardwareUnit create(UnitEnvironment environment, Profile profile) {
    checkNames(profile);
    Capabilities capabilities = Capabilities.of(profile, environment.memory().addressBits());
    try {
      return new VtdUnit(environment, profile, capabilities);
    } catch (IllegalArgumentException e) {
      throw new IoasisException(
          Reason.INVALID,
          "profile %s/%s refused: %s".formatted(profile.kind(), profile.name(), e.getMessage()),
          e);
    }
  }

  private static void checkNames(Profile profile) {
    if (!profile.kind().equals(VTD)) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "profile %s/%s refused: this factory makes units of kind %s"
              .formatted(profile.kind(), profile.name(), VTD));
    }
    checkKnown(profile, "registers", profile.registers().keySet(), REGISTERS);
    checkKnown(profile, "parameters", profile.parameters().keySet(), PARAMETERS);
  }

  private static void checkKnown(
      Profile profile, String what, Set<String> stated, Set<String> known) {
    Set<String> unknown = new TreeSet<>(stated);
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new IoasisException(
          Reason.INVALID,
          "profile %s/%s refused: %s %s are not known; the known ones are %s"
              .formatted(profile.kind(), profile.name(), what, unknown, new TreeSet<>(known)));
    }
  }

  private static Set<String> parameters() {
    Set<String> names = new TreeSet<>(CacheGeometry.PARAMETERS.keySet());
    names.add(VtdProfiles.HAW);
    names.add(VtdProfiles.VCS);
    names.add(InterruptEntryCache.PARAMETER);
    names.add(DeviceTlbTimeout.PARAMETER);
    return Set.copyOf(names);
  }

  @Override
  public int sourceIdBits() {
    return SOURCE_ID_BITS;
  }

  @Override
  public RegisterDictionary registers() {
    return dictionary;
  }

  @Override
  public AnswerFormat answers() {
    return answers;
  }
}
