package org.ioasis.domain.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;

class ObjectsTest {
  private final Client alice = new Client(1, "alice", () -> false);
  private final Client bob = new Client(2, "bob", () -> false);
  private final Objects objects = new Objects(new Random(1)::nextLong, true);
  private final List<String> ended = new ArrayList<>();

  private final class Thing implements Kept {
    final Handle<Thing> handle;
    final String name;
    final Object state;

    Thing(Handle<Thing> handle, String name, Object state) {
      this.handle = handle;
      this.name = name;
      this.state = state;
    }

    @Override
    public String title() {
      return "thing %d (%s)".formatted(handle.id(), name);
    }

    @Override
    public void end() {
      assertThat(Thread.holdsLock(objects)).isFalse();
      ended.add(name);
    }

    @Override
    public Object leave() {
      return state;
    }
  }

  private Thing make(Client owner, String name) {
    return make(owner, name, null);
  }

  private Thing make(Client owner, String name, Object state) {
    return objects.enter(Thing.class, owner, handle -> new Thing(handle, name, state));
  }

  private void use(Thing user, Thing used) {
    objects.use(user.handle, used.handle);
  }

  private Reason refusal(Runnable call) {
    try {
      call.run();
      return null;
    } catch (IoasisException e) {
      return e.reason();
    }
  }

  @Test
  @Requirement({35, 75})
  void aHandleIsAuthorityAndAnIdIsNot() {
    Thing thing = make(alice, "a");
    Handle<Thing> real = thing.handle;
    assertThat(objects.find(real, Thing.class)).isSameAs(thing);
    Handle<Thing> guessed = new Handle<>(Thing.class, 1, 0, real.secret() + 1);
    assertThat(refusal(() -> objects.find(guessed, Thing.class))).isEqualTo(Reason.NOT_FOUND);
    assertThat(refusal(() -> objects.destroy(guessed))).isEqualTo(Reason.NOT_FOUND);
    assertThat(refusal(() -> objects.use(guessed, real))).isEqualTo(Reason.NOT_FOUND);
    assertThat(refusal(() -> objects.find(real, Runnable.class))).isEqualTo(Reason.NOT_FOUND);
    objects.destroy(real);
    Thing next = make(alice, "b");
    assertThat(next.handle.id()).isEqualTo(1);
    assertThat(next.handle.generation()).isEqualTo(1);
    assertThat(refusal(() -> objects.find(real, Thing.class))).isEqualTo(Reason.NOT_FOUND);
  }

  @Test
  void busyNamesTheHolder() {
    Thing space = make(alice, "space");
    Thing domain = make(alice, "domain");
    use(domain, space);
    use(domain, space);
    assertThatThrownBy(() -> objects.destroy(space.handle))
        .hasMessageContaining("thing 1 (space) is used by thing 2 (domain)");
    objects.unuse(domain.handle, space.handle);
    assertThat(refusal(() -> objects.destroy(space.handle))).isEqualTo(Reason.BUSY);
    objects.unuse(domain.handle, space.handle);
    objects.hold(space.handle, "file 3");
    assertThatThrownBy(() -> objects.destroy(space.handle)).hasMessageContaining("file 3");
    objects.unhold(space.handle, "file 3");
    objects.destroy(space.handle);
    assertThat(ended).containsExactly("space");
  }

  @Test
  void whoEndsLetsGoOfWhatItUsed() {
    Thing space = make(alice, "space");
    Thing domain = make(alice, "domain");
    use(domain, space);
    objects.destroy(domain.handle);
    objects.destroy(space.handle);
    assertThat(ended).containsExactly("domain", "space");
  }

  @Test
  @Requirement({42, 73})
  void aClientThatGoesFreesItsObjectsUsersFirstAndIsReported() {
    Thing space = make(alice, "space");
    Thing domain = make(alice, "domain");
    Thing device = make(alice, "device");
    Thing later = make(alice, "later space");
    use(domain, space);
    use(device, domain);
    use(device, later);
    Thing other = make(bob, "bob's");
    objects.endClient(alice);
    assertThat(ended)
        .containsExactlyInAnyOrder("device", "later space", "domain", "space")
        .containsSubsequence("device", "domain", "space")
        .containsSubsequence("device", "later space");
    assertThat(objects.size()).isEqualTo(1);
    assertThat(objects.find(other.handle, Thing.class)).isSameAs(other);
    assertThat(objects.leaks()).hasSize(4);
    assertThat(objects.leaks().get(0).what()).isEqualTo("thing 1 (space)");
    assertThat(objects.leaks().get(0).bundle()).isEqualTo("alice");
    assertThat(objects.leaks().get(0).where()).anyMatch(line -> line.contains("Test"));
    objects.endClient(alice);
    assertThat(objects.leaks()).hasSize(4);
  }

  @Test
  @Requirement(73)
  void whatAnotherClientUsesStaysUntilItLetsGo() {
    Thing space = make(alice, "space");
    Thing domain = make(bob, "domain");
    use(domain, space);
    objects.endClient(alice);
    assertThat(ended).isEmpty();
    assertThat(objects.find(space.handle, Thing.class)).isSameAs(space);
    objects.destroy(domain.handle);
    assertThat(ended).containsExactly("domain", "space");
    assertThat(objects.size()).isZero();
  }

  @Test
  void anObjectThatCannotBeMadeLeavesNothing() {
    assertThatThrownBy(
            () ->
                objects.enter(
                    Thing.class,
                    alice,
                    handle -> {
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");
    assertThat(objects.size()).isZero();
    assertThat(make(alice, "a").handle.id()).isEqualTo(1);
    assertThat(ended).isEmpty();
  }

  @Test
  void theTablePassesToTheNextInstance() {
    Thing space = make(alice, "space", "S");
    Thing lost = make(alice, "lost");
    Thing domain = make(bob, "domain", "D");
    Thing early = make(bob, "early", "E");
    use(domain, space);
    use(early, domain);
    use(lost, space);
    objects.destroy(make(alice, "gone").handle);
    Map<String, Object> left = objects.leave();
    assertThat(ended).containsExactly("gone", "lost");
    assertThat(refusal(() -> objects.find(space.handle, Thing.class))).isEqualTo(Reason.GONE);
    assertThat(refusal(() -> make(alice, "late"))).isEqualTo(Reason.GONE);

    Objects next = new Objects(new Random(2)::nextLong, false);
    List<String> revived = new ArrayList<>();
    Map<Class<?>, Objects.Reviver> revivers = new LinkedHashMap<>();
    revivers.put(
        Thing.class,
        (handle, owner, state) -> {
          revived.add(state + " of " + owner);
          @SuppressWarnings("unchecked") // the type is in the handle
          Handle<Thing> typed = (Handle<Thing>) handle;
          return new Thing(typed, "again " + state, state);
        });
    next.take(left, revivers, (number, name) -> new Client(number, name, () -> false));
    assertThat(revived).containsExactly("S of alice", "D of bob", "E of bob");
    assertThat(next.find(space.handle, Thing.class).name).isEqualTo("again S");
    assertThat(refusal(() -> next.find(lost.handle, Thing.class))).isEqualTo(Reason.NOT_FOUND);
    assertThatThrownBy(() -> next.destroy(space.handle)).hasMessageContaining("again D");
    Thing fresh = next.enter(Thing.class, alice, handle -> new Thing(handle, "fresh", null));
    assertThat(fresh.handle.id()).isEqualTo(lost.handle.id());
    assertThat(fresh.handle.generation()).isEqualTo(1);
    ended.clear();
    next.endClient(bob);
    assertThat(ended).containsExactly("again E", "again D");
  }
}
