package org.ioasis.smmuv3.hardware;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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

/** Makes SMMUv3 units. The component of the hardware room; it has no state. */
@Component(
    service = HardwareFactory.class,
    property = HardwareFactory.KIND + "=" + SmmuFactory.SMMUV3)
public final class SmmuFactory implements HardwareFactory {
  /** The kind. */
  public static final String SMMUV3 = "smmuv3";

  private static final Set<String> REGISTERS =
      SmmuDictionary.IDENTIFICATION.stream()
          .map(SmmuDictionary.Row::name)
          .collect(Collectors.toUnmodifiableSet());

  private static final Set<String> PARAMETERS = parameters();

  private final RegisterDictionary dictionary = new SmmuDictionary(SmmuProfiles.FULL);
  private final AnswerFormat answers = new SmmuAnswers();

  @Override
  public String kind() {
    return SMMUV3;
  }

  @Override
  public List<Profile> profiles() {
    return SmmuProfiles.all();
  }

  @Override
  public Profile profileOf(List<RegisterValue> registers, Consumer<String> remarks) {
    return SmmuProfiles.of(registers, remarks);
  }

  @Override
  public HardwareUnit create(UnitEnvironment environment, Profile profile) {
    checkNames(profile);
    Capabilities capabilities = Capabilities.of(profile);
    try {
      return new SmmuUnit(environment, profile, capabilities);
    } catch (IllegalArgumentException e) {
      throw new IoasisException(
          Reason.INVALID,
          "profile %s/%s refused: %s".formatted(profile.kind(), profile.name(), e.getMessage()),
          e);
    }
  }

  private static void checkNames(Profile profile) {
    if (!profile.kind().equals(SMMUV3)) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "profile %s/%s refused: this factory makes units of kind %s"
              .formatted(profile.kind(), profile.name(), SMMUV3));
    }
    checkKnown(profile, "registers", profile.registers().keySet(), REGISTERS);
    checkKnown(profile, "parameters", profile.parameters().keySet(), PARAMETERS);
    long timeout =
        profile.parameter(AtcInvalidations.TIMEOUT, AtcInvalidations.DEFAULT_TIMEOUT_MILLIS);
    if (timeout < 1 || timeout > Integer.MAX_VALUE) {
      throw new IoasisException(
          Reason.INVALID,
          "profile parameter %s=%d is not 1 to 2^31-1"
              .formatted(AtcInvalidations.TIMEOUT, timeout));
    }
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
    names.add(AtcInvalidations.TIMEOUT);
    return Set.copyOf(names);
  }

  /** StreamIDs have up to 32 bits. */
  @Override
  public int sourceIdBits() {
    return Integer.SIZE;
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
