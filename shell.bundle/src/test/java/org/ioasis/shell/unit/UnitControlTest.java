package org.ioasis.shell.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.shell.FakeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Units follow their plans; the machine is a fake that obeys at once. */
@Timeout(20)
class UnitControlTest {
  private final UnitBoard units = new UnitBoard();
  private final FakePlans plans = new FakePlans();
  private final UnitControl control = new UnitControl(plans, units);

  /** Plans with a machine behind them. */
  private final class FakePlans implements UnitPlans {
    private final Map<String, UnitPlan> inForce = new TreeMap<>();
    private final Map<String, UnitPlan> gone = new TreeMap<>();
    private final List<UnitPlan> made = new ArrayList<>();

    @Override
    public List<UnitPlan> all() {
      return List.copyOf(inForce.values());
    }

    @Override
    public Optional<UnitPlan> removed(String unitId) {
      return Optional.ofNullable(gone.get(unitId));
    }

    @Override
    public void put(UnitPlan plan) {
      inForce.put(plan.unitId(), plan);
      made.add(plan);
      units.find(plan.unitId()).ifPresent(units::unbind);
      units.bind(new Made(new FakeUnit(plan.unitId(), plan.kind())));
    }

    @Override
    public void remove(String unitId) {
      gone.put(unitId, inForce.remove(unitId));
      units.find(unitId).ifPresent(units::unbind);
    }
  }

  /** A unit that is itself only, as real ones are. */
  private static final class Made implements UnitService {
    private final FakeUnit facts;

    Made(FakeUnit facts) {
      this.facts = facts;
    }

    @Override
    public String unitId() {
      return facts.unitId();
    }

    @Override
    public String kind() {
      return facts.kind();
    }

    @Override
    public org.ioasis.api.machine.Profile profile() {
      return facts.profile();
    }

    @Override
    public org.ioasis.api.inspect.Inspector inspector() {
      return facts.inspector();
    }

    @Override
    public org.ioasis.api.explain.Explainer explainer() {
      return facts.explainer();
    }

    @Override
    public Map<String, Long> counters() {
      return facts.counters();
    }
  }

  @Test
  void aStoppedUnitStartsAgainAsItWas() {
    control.start("a0", "model", "small");
    control.stop("a0");
    assertThat(units.all()).isEmpty();
    assertThat(control.start("a0", null, null).unitId()).isEqualTo("a0");
    assertThat(plans.made)
        .containsExactly(
            new UnitPlan("a0", "model", "small"), new UnitPlan("a0", "model", "small"));
  }

  @Test
  void anotherKindDoesNotInheritTheProfile() {
    control.start("a0", "model", "small");
    control.stop("a0");
    control.start("a0", "other", null);
    assertThat(plans.find("a0")).contains(new UnitPlan("a0", "other", ""));
  }

  @Test
  void anUpdateMakesANewUnit() {
    UnitService before = control.start("a0", "model", "small");
    assertThat(control.update("a0", null)).isNotSameAs(before);
    assertThat(plans.find("a0")).contains(new UnitPlan("a0", "model", "small"));
    control.update("a0", "big");
    assertThat(plans.find("a0")).contains(new UnitPlan("a0", "model", "big"));
  }

  @Test
  void refusalsChangeNothing() {
    control.start("a0", "model", "");
    assertThatThrownBy(() -> control.start("a0", "model", ""))
        .hasMessage("unit a0 lives; --update changes it");
    assertThatThrownBy(() -> control.start("b0", null, null))
        .hasMessage("unit b0 is new; give --kind, as vendors lists it");
    assertThatThrownBy(() -> control.stop("b0"))
        .hasMessage("no unit b0 is configured; units lists those that live");
    assertThatThrownBy(() -> control.start("*)(x=", "model", null))
        .hasMessageStartingWith("a unit cannot be called '*)(x='; ");
    assertThat(plans.made).hasSize(1);
    assertThat(units.all()).hasSize(1);
  }

  @Test
  void waitingEndsWithTheChangeOrTheTime() throws Exception {
    assertThat(units.await(all -> !all.isEmpty(), 10)).isFalse();
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return units.await(all -> all.size() == 2, 15_000);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    units.bind(new FakeUnit("a0", "model"));
    units.bind(new FakeUnit("b0", "model"));
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
  }
}
