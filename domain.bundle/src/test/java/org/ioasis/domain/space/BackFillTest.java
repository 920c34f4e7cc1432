package org.ioasis.domain.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.space.Rig.PAGE;
import static org.ioasis.domain.space.Rig.R;
import static org.ioasis.domain.space.Rig.RW;
import static org.ioasis.domain.space.Rig.at;
import static org.ioasis.domain.space.Rig.range;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.domain.memory.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a table that joins holds up while it is filled: by construction, not by the clock. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class BackFillTest {
  private static final int MAPPINGS = 1000;
  private static final int CHUNK = BackFill.MAPPINGS;

  /** The first mapping beside which others make changes, for twice as many chunks as to a rest. */
  private static final int CHANGED = 2 * CHUNK + 5;

  private static long place(int mapping) {
    return 0x10_0000L + mapping * 2L * PAGE;
  }

  private static Space space(Rig rig, Source source) {
    Space space = rig.space("s");
    for (int i = 0; i < MAPPINGS; i++) {
      space.map(source, 0, PAGE, RW, at(place(i)), 0);
    }
    return space;
  }

  private static void soonDone(Runnable change) {
    try {
      CompletableFuture.runAsync(change).get(10, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("a change elsewhere waits for the back-fill", e);
    }
  }

  @Test
  void noLockIsHeldWhileTheTableIsFilledAndAFewMappingsAtATimeAreKept() {
    try (Rig rig = new Rig(1L << 26)) {
      Source source = rig.anonymous(PAGE, false);
      Space space = space(rig, source);
      PageTable table = PageTable.wide("joining");
      AtomicInteger made = new AtomicInteger();
      table.beforeMap =
          () -> {
            int mapping = made.getAndIncrement();
            assertThat(space.lock.isHeldByCurrentThread()).isFalse();
            if (mapping == 10) {
              soonDone(() -> space.map(source, 0, PAGE, RW, at(place(MAPPINGS)), 0));
              int beyond = mapping + BackFill.MAPPINGS;
              soonDone(() -> space.protect(range(place(beyond), PAGE), R));
            }
          };
      space.addFollower(table);
      assertThat(BackFill.MAPPINGS).isLessThanOrEqualTo(64);
      assertThat(made).hasValue(MAPPINGS + 1);
      table.assertMirrors(space);
    }
  }

  @Test
  void itRestsOnlyWhileOthersMakeChanges() {
    try (Rig rig = new Rig(1L << 26)) {
      Space space = space(rig, rig.anonymous(PAGE, false));
      PageTable table = PageTable.wide("joining");
      AtomicInteger made = new AtomicInteger();
      List<Integer> rests = new ArrayList<>();
      table.beforeMap =
          () -> {
            int mapping = made.getAndIncrement();
            int since = mapping - CHANGED;
            if (since >= 0 && since < 2 * BackFill.CHUNKS * CHUNK && since % CHUNK == 0) {
              soonDone(() -> space.protect(range(place(0), PAGE), R));
            }
          };
      Mirrors.Member member = new Mirrors.Member(table);
      space.members.add(member);
      new BackFill(space, member, () -> rests.add(made.get())).run();
      assertThat(rests).as("mappings made before each rest").hasSize(2);
      assertThat(rests.get(0)).isBetween(CHANGED, CHANGED + (BackFill.CHUNKS + 1) * CHUNK);
      assertThat(rests.get(1)).isLessThan(CHANGED + (2 * BackFill.CHUNKS + 1) * CHUNK);
      table.assertMirrors(space);
    }
  }
}
