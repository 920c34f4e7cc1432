package org.ioasis.amdvi.hardware;

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

/** Makes AMD-Vi units. The component of the hardware room; it has no state. */
@Component(
    service = HardwareFactory.class,
    property = HardwareFactory.KIND + "=" + AmdviFactory.AMDVI)
public final class AmdviFactory implements HardwareFactory {
  /** The kind. */
  public static final String AMDVI = "amdvi";

  private static final Set<String> REGISTERS =
      Set.of(Capabilities.EFR, Capabilities.EFR2, Capabilities.HEADER);

  private static final Set<String> PARAMETERS = parameters();

  /** A DeviceID: bus, device, function. */
  private static final int SOURCE_ID_BITS = 16;

  private final RegisterDictionary dictionary =
      new AmdviDictionary(Capabilities.of(AmdviProfiles.FULL));
  private final AnswerFormat answers = new AmdviAnswers();

  @Override
  public String kind() {
    return AMDVI;
  }

  @Override
  public List<Profile> profiles() {
    return AmdviProfiles.all();
  }

  @Override
  public Profile profileOf(List<RegisterValue> registers, Consumer<String> remarks) {
    return AmdviProfiles.of(registers, remarks);
  }

  @Override
  public HardwareUnit create(UnitEnvironment environment, Profile profile) {
    checkNames(profile);
    return new AmdviUnit(environment, profile, Capabilities.of(profile));
  }

  private static void checkNames(Profile profile) {
    if (!profile.kind().equals(AMDVI)) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "profile %s/%s refused: this factory makes units of kind %s"
              .formatted(profile.kind(), profile.name(), AMDVI));
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
    names.addAll(Choices.PARAMETERS);
    names.add(Capabilities.HT_WINDOWS);
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
