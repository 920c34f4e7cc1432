package org.ioasis.machine.platform;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.state.RegisterDictionary;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.api.state.StatePort;

/** A factory of units that translate one to one; it writes down what happens to them. */
final class FakeFactory implements HardwareFactory {
  private final String kind;
  private final List<String> log;

  FakeFactory(String kind, List<String> log) {
    this.kind = kind;
    this.log = log;
  }

  @Override
  public String kind() {
    return kind;
  }

  @Override
  public List<Profile> profiles() {
    return List.of(profile("small"), profile("large"));
  }

  private Profile profile(String name) {
    return new Profile(kind, name, Map.of(), Map.of(), List.of(), 0xFED9_0000L);
  }

  @Override
  public Profile profileOf(List<RegisterValue> registers, Consumer<String> remarks) {
    return profile("captured");
  }

  @Override
  public HardwareUnit create(UnitEnvironment environment, Profile profile) {
    log.add("create " + environment.unitId() + " " + profile.name());
    return new Unit(environment.unitId(), profile);
  }

  @Override
  public RegisterDictionary registers() {
    return null;
  }

  @Override
  public AnswerFormat answers() {
    return null;
  }

  private final class Unit implements HardwareUnit {
    private final String id;
    private final Profile profile;

    Unit(String id, Profile profile) {
      this.id = id;
      this.profile = profile;
    }

    @Override
    public long translate(DmaRequest request) {
      return Translation.of(request.iova(), 12);
    }

    @Override
    public long probe(DmaRequest request) {
      return Translation.of(request.iova(), 12);
    }

    @Override
    public String unitId() {
      return id;
    }

    @Override
    public String kind() {
      return kind;
    }

    @Override
    public Profile profile() {
      return profile;
    }

    @Override
    public Mmio mmio() {
      return null;
    }

    @Override
    public Inspector inspector() {
      return null;
    }

    @Override
    public Explainer explainer() {
      return null;
    }

    @Override
    public StatePort state() {
      return null;
    }

    @Override
    public void reset(boolean cold) {}

    @Override
    public Map<String, Long> counters() {
      return Map.of("hits", 3L);
    }

    @Override
    public void close() {
      log.add("close " + id);
    }
  }
}
