package org.ioasis.iopf.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.HexFormat;
import java.util.List;
import org.ioasis.api.Handle;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultPipe;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The queue of a user: the kernel's fault object, with bytes written by hand. */
class QueueTest {
  private final Rig rig = new Rig();
  private final FaultQueue queue = rig.client.createQueue(4);

  @AfterEach
  void everyGroupWasAnsweredOnce() {
    rig.router.close();
    rig.steps.settle();
    rig.check();
  }

  private static Reason reasonOf(Runnable call) {
    return HandlerTest.reasonOf(call);
  }

  private static ByteBuffer answer(int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : words) {
      bytes.putInt(word);
    }
    return bytes.flip();
  }

  /** Reads all there is; the words of the records. */
  private int[] read(int records) {
    ByteBuffer bytes = ByteBuffer.allocate(40 * records).order(ByteOrder.LITTLE_ENDIAN);
    queue.read(bytes);
    bytes.flip();
    int[] words = new int[bytes.remaining() / 4];
    bytes.asIntBuffer().get(words);
    return words;
  }

  private int cookie(int[] words, int record) {
    return words[record * 10 + 9];
  }

  @Test
  @Requirement({51, 54, 55})
  void aGroupIsReadAsRecordsOf40BytesAndAnsweredBy8() {
    rig.route(0x20, 3, 1, queue);
    rig.sink.recoverable(Rig.request(0x20, 3, 0x55, 0x1122_3344_5566_7000L, false));
    rig.sink.recoverable(Rig.request(0x20, 3, 0x55, 0x2000, true));
    rig.steps.settle();
    ByteBuffer bytes = ByteBuffer.allocate(200);
    assertThat(queue.read(bytes)).isEqualTo(80);
    assertThat(HexFormat.of().formatHex(bytes.array(), 0, 80))
        .isEqualTo(
            ("01000000" + "20000000" + "03000000" + "55000000" + "01000000" + "00000000")
                + ("0070665544332211" + "00000000" + "01000000")
                + ("03000000" + "20000000" + "03000000" + "55000000" + "01000000" + "00000000")
                + ("0020000000000000" + "00000000" + "01000000"));
    assertThat(queue.unanswered()).isOne();
    assertThat(queue.write(ByteBuffer.wrap(HexFormat.of().parseHex("0100000000000000"))))
        .isEqualTo(8);
    assertThat(rig.answers()).containsExactly("85:SUCCESS");
    assertThat(queue.unanswered()).isZero();
    assertThat(queue.read(bytes)).as("nothing queued; it never waits").isZero();
  }

  @Test
  @Requirement(51)
  void readsGiveWholeGroupsAsManyAsFit() {
    rig.route(0x20, 3, 1, queue);
    rig.sink.recoverable(Rig.request(0x20, 3, 1, 0x1000, false));
    rig.sink.recoverable(Rig.request(0x20, 3, 1, 0x2000, true));
    rig.ask(0x20, 3, 2, 0x3000);
    assertThat(reasonOf(() -> queue.read(ByteBuffer.allocate(39)))).isEqualTo(Reason.MALFORMED);
    assertThat(reasonOf(() -> queue.read(ByteBuffer.allocate(40)))).isEqualTo(Reason.INVALID);
    assertThat(reasonOf(() -> queue.read(ByteBuffer.allocate(0)))).isEqualTo(Reason.INVALID);
    assertThat(queue.unanswered()).as("a refused read takes nothing").isZero();
    assertThat(read(2)).hasSize(20);
    assertThat(read(9)).hasSize(10);
  }

  @Test
  @Requirement({51, 56, 64})
  void writesAnswerUntilTheFirstRecordThatIsRefused() {
    rig.route(0x20, 3, 1, queue);
    for (int group = 1; group <= 3; group++) {
      rig.ask(0x20, 3, group, 0x1000);
    }
    assertThat(reasonOf(() -> queue.write(answer(1, 0)))).as("not read").isEqualTo(Reason.INVALID);
    read(4);
    assertThat(reasonOf(() -> queue.write(answer(1)))).isEqualTo(Reason.MALFORMED);
    assertThat(reasonOf(() -> queue.write(answer(9, 0)))).isEqualTo(Reason.INVALID);
    assertThat(reasonOf(() -> queue.write(answer(0, 0)))).isEqualTo(Reason.INVALID);
    assertThat(reasonOf(() -> queue.write(answer(1, 3)))).as("code").isEqualTo(Reason.INVALID);
    assertThat(rig.answers()).isEmpty();
    ByteBuffer batch = answer(2, 1, 1, 0, 9, 0, 3, 0);
    assertThat(queue.write(batch)).isEqualTo(16);
    assertThat(batch.position()).isEqualTo(16);
    assertThat(rig.answers()).containsExactly("2:INVALID_REQUEST", "1:SUCCESS");
    assertThat(queue.write(answer(3, 2))).isEqualTo(8);
    assertThat(rig.answers()).endsWith("3:RESPONSE_FAILURE");
    assertThat(queue.write(answer())).isZero();
  }

  @Test
  @Requirement({51, 55})
  void aRecordWithoutAPasidSaysExecutionAndPrivilege() {
    rig.route(0x28, Rig.NO_PASID, 2, queue);
    rig.sink.recoverable(
        new RecoverableFault(
            FaultKind.PAGE_REQUEST,
            0x28,
            Rig.NO_PASID,
            0xFFFF_FFFF_FFFF_F000L,
            DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE,
            true,
            0x1FF,
            true,
            FaultStage.UNKNOWN,
            FaultClass.UNKNOWN,
            0,
            Rig.RECORD,
            0));
    rig.steps.settle();
    ByteBuffer bytes = ByteBuffer.allocate(40);
    assertThat(queue.read(bytes)).isEqualTo(40);
    assertThat(HexFormat.of().formatHex(bytes.array()))
        .isEqualTo(
            ("02000000" + "28000000" + "00000000" + "ff010000" + "0f000000" + "00000000")
                + ("00f0ffffffffffff" + "00000000" + "01000000"));
  }

  @Test
  @Requirement({51, 56})
  void aRefusedRecordEndsAWriteAndIsRefusedWhenItIsTheFirst() {
    rig.route(0x20, 3, 1, queue);
    for (int group = 1; group <= 3; group++) {
      rig.ask(0x20, 3, group, 0x1000);
    }
    read(2);
    ByteBuffer batch = answer(1, 1, 2, 7, 2, 0);
    assertThat(queue.write(batch)).as("up to the unknown code").isEqualTo(8);
    assertThat(reasonOf(() -> queue.write(batch))).isEqualTo(Reason.INVALID);
    assertThat(batch.position()).as("a refused record is not taken").isEqualTo(8);
    assertThat(queue.write(answer(2, 0, 3, 0))).as("up to what was not read").isEqualTo(8);
    assertThat(reasonOf(() -> queue.write(answer(3, 0)))).isEqualTo(Reason.INVALID);
    assertThat(reasonOf(() -> queue.write(answer(-1, 0)))).isEqualTo(Reason.INVALID);
    assertThat(reasonOf(() -> queue.write(ByteBuffer.allocate(12)))).isEqualTo(Reason.MALFORMED);
    assertThat(rig.answers()).containsExactly("1:INVALID_REQUEST", "2:SUCCESS");
    assertThat(queue.readable()).isTrue();
  }

  @Test
  @Requirement({51, 65})
  void anEndedQueueAnswersWhatItHeldAndRefusesEverything() {
    rig.route(0x20, 3, 1, queue);
    rig.ask(0x20, 3, 1, 0x1000);
    read(1);
    rig.ask(0x20, 3, 2, 0x1000);
    rig.origin.used.add(queue.handle());
    assertThat(reasonOf(queue::destroy)).as("a domain uses it").isEqualTo(Reason.BUSY);
    assertThat(rig.answers()).as("a refused end answers nothing").isEmpty();
    rig.origin.used.clear();
    queue.destroy();
    assertThat(rig.answers()).containsExactlyInAnyOrder("1:INVALID_REQUEST", "2:INVALID_REQUEST");
    assertThat(reasonOf(() -> queue.read(ByteBuffer.allocate(40)))).isEqualTo(Reason.NOT_FOUND);
    assertThat(reasonOf(() -> queue.write(answer(1, 0)))).isEqualTo(Reason.NOT_FOUND);
    assertThat(reasonOf(() -> queue.complete(1, FaultResponse.SUCCESS)))
        .isEqualTo(Reason.NOT_FOUND);
  }

  @Test
  @Requirement(51)
  void overflowIsCountedAndAnsweredInvalid() {
    rig.route(0x20, 3, 1, queue);
    for (int group = 1; group <= 6; group++) {
      rig.ask(0x20, 3, group, 0x1000);
    }
    assertThat(queue.overflows()).isEqualTo(2);
    assertThat(rig.counter("queueOverflow")).isEqualTo(2);
    assertThat(rig.answers()).containsExactly("5:INVALID_REQUEST", "6:INVALID_REQUEST");
    read(1);
    rig.ask(0x20, 3, 7, 0x1000);
    assertThat(queue.overflows()).as("room again").isEqualTo(2);
  }

  @Test
  @Requirement(51)
  void theSignalComesWhenTheQueueBecomesReadable() {
    rig.route(0x20, 3, 1, queue);
    int[] rung = {0};
    queue.onReadable(() -> rung[0]++);
    assertThat(queue.readable()).isFalse();
    rig.ask(0x20, 3, 1, 0x1000);
    rig.ask(0x20, 3, 2, 0x1000);
    assertThat(rung[0]).isOne();
    assertThat(queue.readable()).isTrue();
    read(4);
    rig.ask(0x20, 3, 3, 0x1000);
    assertThat(rung[0]).isEqualTo(2);
    queue.onReadable(() -> rung[0] += 10);
    assertThat(rung[0]).as("a new one is told what is there").isEqualTo(12);
    read(4);
    queue.onReadable(
        () -> {
          throw new IllegalStateException("signal's bug");
        });
    rig.ask(0x20, 3, 4, 0x1000);
    assertThat(rig.log).containsExactly("queue 1 signal threw signal's bug");
    assertThat(read(4)).hasSize(10);
  }

  @Test
  @Requirement(54)
  void aSelectorCanWaitForAQueue() throws IOException {
    rig.route(0x20, 3, 1, queue);
    try (FaultPipe pipe = new FaultPipe();
        Selector selector = Selector.open()) {
      pipe.source().register(selector, SelectionKey.OP_READ);
      queue.onReadable(pipe);
      assertThat(selector.selectNow()).isZero();
      rig.ask(0x20, 3, 1, 0x1000);
      rig.ask(0x20, 3, 2, 0x1000);
      assertThat(selector.select(5000)).isOne();
      selector.selectedKeys().clear();
      pipe.clear();
      assertThat(read(4)).hasSize(20);
      assertThat(selector.selectNow()).isZero();
      rig.ask(0x20, 3, 3, 0x1000);
      assertThat(selector.select(5000)).isOne();
    }
  }

  @Test
  @Requirement({51, 57})
  void cookiesAreTheFirstFreeNumberFrom1() {
    rig.route(0x20, 3, 1, queue);
    rig.ask(0x20, 3, 1, 0x1000);
    rig.ask(0x20, 3, 2, 0x1000);
    rig.ask(0x20, 3, 3, 0x1000);
    int[] words = read(4);
    assertThat(List.of(cookie(words, 0), cookie(words, 1), cookie(words, 2)))
        .containsExactly(1, 2, 3);
    queue.complete(2, FaultResponse.SUCCESS);
    rig.ask(0x20, 3, 4, 0x1000);
    assertThat(cookie(read(4), 0)).isEqualTo(2);
    assertThat(reasonOf(() -> queue.complete(4, FaultResponse.SUCCESS)))
        .isEqualTo(Reason.NOT_FOUND);
    queue.complete(1, FaultResponse.SUCCESS);
    assertThat(reasonOf(() -> queue.complete(1, FaultResponse.SUCCESS))).isEqualTo(Reason.LATE);
  }

  @Test
  @Requirement({51, 58})
  void aLateAnswerNeverMeetsAnotherGroup() {
    rig.route(0x20, 3, 1, queue);
    rig.ask(0x20, 3, 1, 0x1000);
    assertThat(cookie(read(4), 0)).isEqualTo(1);
    rig.time.advance(100 * Rig.MILLI);
    rig.steps.settle();
    assertThat(queue.unanswered()).isZero();
    rig.ask(0x20, 3, 2, 0x1000);
    assertThat(cookie(read(4), 0)).as("1 may still be answered").isEqualTo(2);
    assertThat(reasonOf(() -> queue.write(answer(1, 0)))).isEqualTo(Reason.LATE);
    assertThat(rig.answers()).containsExactly("1:INVALID_REQUEST");
    rig.ask(0x20, 3, 3, 0x1000);
    assertThat(cookie(read(4), 0)).as("now it is free").isEqualTo(1);
  }

  @Test
  @Requirement({51, 58})
  void aGroupThatNobodyHasReadLeavesNothingBehind() {
    rig.route(0x20, 3, 1, queue);
    rig.ask(0x20, 3, 1, 0x1000);
    rig.time.advance(100 * Rig.MILLI);
    rig.steps.settle();
    assertThat(queue.readable()).isFalse();
    rig.ask(0x20, 3, 2, 0x1000);
    assertThat(cookie(read(4), 0)).isEqualTo(1);
  }

  @Test
  void retiredCookiesAreBounded() {
    Cookies cookies = new Cookies();
    for (int i = 1; i <= Cookies.MOST_RETIRED + 1; i++) {
      assertThat(cookies.next()).isEqualTo(i);
      cookies.retire(i);
    }
    assertThat(cookies.next()).isEqualTo(1);
  }

  @Test
  @Requirement(54)
  void usersInsidePollGroups() {
    rig.route(0x20, 3, 1, queue);
    assertThat(queue.poll()).isEmpty();
    rig.ask(0x20, 3, 1, 0x1000);
    FaultGroup group = queue.poll().orElseThrow();
    assertThat(group.cookie()).isOne();
    assertThat(queue.unanswered()).isOne();
    group.complete(FaultResponse.SUCCESS);
    assertThat(reasonOf(() -> queue.complete(1, FaultResponse.SUCCESS))).isEqualTo(Reason.LATE);
    assertThat(rig.answers()).containsExactly("1:SUCCESS");
  }

  @Test
  @Requirement(65)
  void aQueueServesSeveralPageTablesAndLivesOnItsOwn() {
    rig.route(0x20, 3, 1, queue);
    rig.route(0x28, Rig.NO_PASID, 2, queue);
    rig.origin.used.add(queue.handle());
    assertThat(reasonOf(queue::destroy)).isEqualTo(Reason.BUSY);
    rig.ask(0x20, 3, 1, 0x1000);
    rig.ask(0x28, Rig.NO_PASID, 2, 0x1000);
    int[] words = read(4);
    assertThat(new int[] {words[0], words[1], words[10], words[11]})
        .as("flags and device; no PASID is a flag of its own")
        .containsExactly(3, 0x20, 2, 0x28);
    rig.origin.used.clear();
    queue.destroy();
    assertThat(rig.answers()).containsExactlyInAnyOrder("1:INVALID_REQUEST", "2:INVALID_REQUEST");
    assertThat(reasonOf(queue::poll)).isEqualTo(Reason.NOT_FOUND);
    assertThat(reasonOf(() -> rig.client.queue(queue.handle()))).isEqualTo(Reason.NOT_FOUND);
    rig.ask(0x20, 3, 3, 0x1000);
    assertThat(rig.answers())
        .as("a route to a queue that is no more")
        .contains("3:INVALID_REQUEST");
  }

  @Test
  @Requirement(65)
  void aHandleOpensItsOwnQueueAlone() {
    FaultQueue second = rig.client.createQueue(1);
    second.destroy();
    FaultQueue third = rig.client.createQueue(1);
    assertThat(third.handle().id()).isEqualTo(second.handle().id());
    assertThat(reasonOf(() -> rig.client.queue(second.handle()))).isEqualTo(Reason.NOT_FOUND);
    assertThat(rig.client.queue(third.handle())).isSameAs(third);
    Handle<FaultQueue> guess = new Handle<>(FaultQueue.class, third.handle().id(), 1, 0);
    assertThat(reasonOf(() -> rig.client.queue(guess))).isEqualTo(Reason.NOT_FOUND);
    assertThat(reasonOf(() -> rig.client.createQueue(0))).isEqualTo(Reason.INVALID);
  }

  @Test
  @Requirement({60, 65})
  void queuesOfABundleThatGoesAreEnded() {
    Client other = rig.router.client(2);
    FaultQueue theirs = other.createQueue(4);
    rig.route(0x20, 3, 1, theirs);
    rig.origin.used.add(theirs.handle());
    rig.ask(0x20, 3, 1, 0x1000);
    rig.router.gone(2);
    assertThat(rig.answers()).containsExactly("1:INVALID_REQUEST");
    assertThat(rig.client.queue(queue.handle())).isSameAs(queue);
  }

  @Test
  @Requirement({51, 60})
  void detachingAnswersWhatTheReaderHoldsAndItsAnswerIsLate() {
    rig.route(0x20, 3, 1, queue);
    rig.ask(0x20, 3, 1, 0x1000);
    read(4);
    rig.ask(0x20, 3, 2, 0x1000);
    assertThat(rig.router.drain(DrainScope.of(Rig.domain(1))).closed()).isEqualTo(2);
    assertThat(rig.answers()).containsExactlyInAnyOrder("1:INVALID_REQUEST", "2:INVALID_REQUEST");
    assertThat(reasonOf(() -> queue.complete(1, FaultResponse.SUCCESS))).isEqualTo(Reason.LATE);
    assertThat(queue.readable()).isFalse();
  }
}
