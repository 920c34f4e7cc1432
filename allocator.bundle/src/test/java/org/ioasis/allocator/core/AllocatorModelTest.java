package org.ioasis.allocator.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.ioasis.api.IoasisException;
import org.ioasis.api.ioasid.IoasidLease;
import org.ioasis.api.ioasid.IoasidListener.Delivery;
import org.ioasis.api.ioasid.IoasidListener.Order;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.testing.Requirement;

/** Long random histories of the allocator beside a model that is too simple to be wrong. */
class AllocatorModelTest {
  private static final int SETS = 3;
  private static final int TOTAL = 24;

  /** One step: what, of which set, with which number. */
  record Step(int what, int set, int number) {}

  /** An id of the model. */
  private static final class ModelId {
    int set;
    int guest;
    int leases;
    boolean freed;
    boolean unacknowledged;
  }

  /** Numbers out, and the lowest free one: all that the model knows. */
  private static final class Model {
    final Map<Integer, ModelId> out = new TreeMap<>();
    final int[] quota = {6, 8, 5};
    int total = TOTAL;

    int used(int set) {
      return (int) out.values().stream().filter(id -> id.set == set).count();
    }

    int allocate(int set, int guest) {
      boolean taken =
          out.values().stream().anyMatch(id -> id.set == set && id.guest == guest && !id.freed);
      int number = 1;
      while (out.containsKey(number)) {
        number++;
      }
      if (used(set) >= quota[set] || (guest >= 0 && taken) || number >= total) {
        return -1;
      }
      ModelId id = new ModelId();
      id.set = set;
      id.guest = guest;
      out.put(number, id);
      return number;
    }

    void reclaim() {
      out.values().removeIf(id -> id.freed && id.leases == 0 && !id.unacknowledged);
    }

    IoasidState state(int set, int number) {
      ModelId id = out.get(number);
      if (id == null || id.set != set) {
        return IoasidState.FREE;
      }
      if (id.freed) {
        return IoasidState.FREE_PENDING;
      }
      return id.leases > 0 ? IoasidState.ACTIVE : IoasidState.IDLE;
    }
  }

  @Provide
  Arbitrary<List<Step>> histories() {
    return Arbitraries.frequencyOf(
            Tuple.of(5, step(0)),
            Tuple.of(3, step(1)),
            Tuple.of(3, step(2)),
            Tuple.of(3, step(3)),
            Tuple.of(3, step(4)),
            Tuple.of(1, step(5)),
            Tuple.of(1, step(6)),
            Tuple.of(1, step(7)))
        .list()
        .ofMinSize(100)
        .ofMaxSize(300);
  }

  private static Arbitrary<Step> step(int what) {
    return net.jqwik.api.Combinators.combine(
            Arbitraries.integers().between(0, SETS - 1),
            Arbitraries.integers().between(1, TOTAL - 1))
        .as((set, number) -> new Step(what, set, number));
  }

  @Property(seed = "20250606", tries = 100)
  @Requirement({15, 18, 20, 23})
  void behavesAsTheModel(@ForAll("histories") List<Step> history) {
    Rig rig = new Rig(TOTAL, 0);
    Model model = new Model();
    List<IoasidSet> sets = new ArrayList<>();
    for (int i = 0; i < SETS; i++) {
      sets.add(rig.set(i, model.quota[i]));
    }
    Map<Integer, List<IoasidLease>> leases = new TreeMap<>();
    Map<Integer, Runnable> acks = new TreeMap<>();
    rig.listen(
        "acknowledges",
        Order.INVALIDATE,
        Delivery.IMMEDIATE,
        true,
        (event, ack) -> {
          if (event instanceof org.ioasis.api.ioasid.IoasidEvent.Freed freed) {
            acks.put(freed.id().value(), ack);
          }
        });
    rig.settle();
    for (Step step : history) {
      apply(step, sets.get(step.set()), model, leases, acks);
      model.reclaim();
      compare(rig, sets, model);
    }
  }

  private static void apply(
      Step step,
      IoasidSet set,
      Model model,
      Map<Integer, List<IoasidLease>> leases,
      Map<Integer, Runnable> acks) {
    int n = step.number();
    ModelId id = model.out.get(n);
    boolean foreign = id != null && id.set != step.set();
    boolean usable = id != null && id.set == step.set() && !id.freed;
    switch (step.what()) {
      case 0 -> {
        int guest = n % 3 == 0 ? n : -1;
        int expected = model.allocate(step.set(), guest);
        var request = guest < 0 ? Rig.any() : Rig.any().as(guest);
        assertThat(tried(() -> assertThat(set.allocate(request).value()).isEqualTo(expected)))
            .isEqualTo(expected >= 0);
      }
      case 1 -> {
        assertThat(tried(() -> set.free(new Pasid(n)))).isEqualTo(!foreign);
        if (usable) {
          id.freed = true;
          id.unacknowledged = true;
        }
      }
      case 2 -> {
        boolean done =
            tried(
                () ->
                    leases
                        .computeIfAbsent(n, k -> new ArrayList<>())
                        .add(set.lease(new Pasid(n), "model")));
        assertThat(done).isEqualTo(usable);
        if (usable) {
          id.leases++;
        }
      }
      case 3 -> {
        List<IoasidLease> of = leases.getOrDefault(n, new ArrayList<>());
        if (!of.isEmpty()) {
          of.remove(0).close();
          id.leases--;
        }
      }
      case 4 -> {
        Runnable ack = acks.remove(n);
        if (ack != null) {
          ack.run();
          id.unacknowledged = false;
        }
      }
      case 5 -> {
        int quota = n % 10;
        int others = model.quota[0] + model.quota[1] + model.quota[2] - model.quota[step.set()];
        boolean right = quota >= model.used(step.set()) && others + quota < TOTAL;
        assertThat(tried(() -> set.adjust(quota))).isEqualTo(right);
        model.quota[step.set()] = right ? quota : model.quota[step.set()];
      }
      case 6 -> {
        set.clear();
        model.out.values().stream()
            .filter(other -> other.set == step.set() && !other.freed)
            .forEach(other -> other.freed = other.unacknowledged = true);
      }
      default -> {
        int guest = n % 4;
        boolean taken =
            model.out.values().stream()
                .anyMatch(o -> o != id && o.set == step.set() && o.guest == guest && !o.freed);
        boolean done = tried(() -> set.rename(new Pasid(n), Rig.some(guest)));
        assertThat(done).isEqualTo(usable && !taken);
        if (done) {
          id.guest = guest;
        }
      }
    }
  }

  private static boolean tried(Runnable call) {
    try {
      call.run();
      return true;
    } catch (IoasisException refused) {
      return false;
    }
  }

  private static void compare(Rig rig, List<IoasidSet> sets, Model model) {
    rig.check();
    assertThat(rig.client.capacity().inUse()).isEqualTo(model.out.size());
    for (int set = 0; set < SETS; set++) {
      assertThat(sets.get(set).inUse()).isEqualTo(model.used(set));
      assertThat(sets.get(set).quota()).isEqualTo(model.quota[set]);
      Collection<Integer> present = new TreeSet<>();
      sets.get(set).snapshot().forEach(info -> present.add(info.id().value()));
      for (int n = 1; n < TOTAL; n++) {
        assertThat(sets.get(set).stateOf(new Pasid(n))).isEqualTo(model.state(set, n));
        assertThat(present.contains(n)).isEqualTo(model.state(set, n) != IoasidState.FREE);
      }
      for (Map.Entry<Integer, ModelId> entry : model.out.entrySet()) {
        ModelId id = entry.getValue();
        if (id.set == set && id.guest >= 0 && !id.freed) {
          assertThat(sets.get(set).hostOf(id.guest)).hasValue(entry.getKey());
        }
      }
    }
  }
}
