package org.ioasis.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.smmuv3.driver.DriverRig.NONE;
import static org.ioasis.smmuv3.driver.DriverRig.RW;

import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A guest with a context descriptor table and stage-1 tables of its own. Its memory begins at
 * {@link #GUEST} and is mapped by the parent from guest address 0 on; in it lie, in literal words,
 * 16 context descriptors, four tables and a page.
 */
class NestedTest {
  private static final long GUEST = 0x80_0000, PAGE = 0x1000, IOVA = 0x1234_5678_9000L;
  private static final long DATA = 0x9000, TABLES = 0x4000;
  private static final int PASID = 5;

  private final DriverRig rig = new DriverRig(Scheduler.Mode.INLINE).started();
  private final DriverDomain parent =
      rig.driver.createDomain(DomainSpec.paging(Set.of(DomainFlag.NEST_PARENT)));
  private final DriverDevice device = rig.driver.addDevice(rig.facts());
  private DriverDomain nested;

  @BeforeEach
  void build() {
    DomainBatch batch = parent.batch();
    batch.map(0, GUEST, 16 * PAGE, RW);
    batch.sync();
    context(0x1000 + 64 * PASID);
    store(TABLES + 8 * 0x024, TABLES + 0x1003);
    store(TABLES + 0x1000 + 8 * 0x0D1, TABLES + 0x2003);
    store(TABLES + 0x2000 + 8 * 0x0B3, TABLES + 0x3003);
    store(TABLES + 0x3000 + 8 * 0x189, DATA | 0xF47);
    nested =
        rig.driver.createDomain(
            DomainSpec.nested(parent, entry(0x2000_0000_0000_100BL, 0xD6), Set.of()));
    device.attach(NONE, nested);
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private void context(long at) {
    store(at, 0x002A_E205_C000_3510L);
    store(at + 8, TABLES);
    store(at + 24, 0xF404_FF44L);
  }

  private void store(long guestAddress, long value) {
    rig.machine.memory().store64(GUEST + guestAddress, value);
  }

  private static Blob entry(long word0, long word1) {
    return DriverRig.blob("smmuv3.guest-ste", word0, word1);
  }

  private BatchResult tell(long... words) {
    return nested.nested().orElseThrow().invalidate(DriverRig.blob("smmuv3.commands", words), 16);
  }

  @Test
  void dmaGoesThroughBothStages() {
    assertThat(rig.write(PASID, IOVA + 8, 0x11)).isEqualTo(TransferStatus.OK);
    assertThat(rig.at(GUEST + DATA + 8)).isEqualTo(0x11);
    assertThat(rig.write(PASID + 1, IOVA, 1)).isNotEqualTo(TransferStatus.OK);
  }

  @Test
  void aGuestInvalidatesByItsOwnCommands() {
    rig.write(PASID, IOVA, 1);
    store(TABLES + 0x3000 + 8 * 0x189, 0);
    long asid = 0x2AL << 48;
    BatchResult result = tell(asid | 0x12, IOVA, 0x46, 0); // TLBI_NH_VA, SYNC
    assertThat(result).isEqualTo(BatchResult.all(2));
    assertThat(rig.write(PASID, IOVA, 2)).isEqualTo(TransferStatus.FAULT);
    assertThat(rig.at(GUEST + DATA)).isEqualTo(1);
    context(0x1000 + 64 * (PASID + 1));
    store(TABLES + 0x3000 + 8 * 0x189, DATA | 0xF47);
    long substream = (PASID + 1L) << 12;
    assertThat(tell(substream | 0x05, 1)).isEqualTo(BatchResult.all(1)); // CFGI_CD
    assertThat(rig.write(PASID + 1, IOVA, 3)).isEqualTo(TransferStatus.OK);
  }

  @Test
  void whatIsNotAGuestsToGiveEndsTheBatch() {
    BatchResult result = tell(0x11, 0, 0x03, 0);
    assertThat(result.done()).isOne();
    assertThat(result.reason()).isEqualTo(Reason.INVALID);
    assertThat(result.message()).contains("CMD_CFGI_STE");
  }

  @Test
  void whatTheParentUnmapsIsGoneForTheGuest() {
    rig.write(PASID, IOVA, 1);
    DomainBatch batch = parent.batch();
    batch.unmap(IovaRange.of(DATA, PAGE));
    assertThat(batch.sync().complete()).isTrue();
    assertThat(rig.write(PASID, IOVA, 2)).isEqualTo(TransferStatus.FAULT);
    assertThat(rig.at(GUEST + DATA)).isEqualTo(1);
    batch.map(DATA, GUEST + 0xA000, PAGE, RW);
    batch.sync();
    assertThat(rig.write(PASID, IOVA, 3)).isEqualTo(TransferStatus.OK);
    assertThat(rig.at(GUEST + 0xA000)).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "0x100000000000001,  0,          INVALID, not a user's",
    "0xB,                0x02000000, INVALID, not a user's",
    "0xD,                0,          INVALID, Config",
    "0xB,                0x20000000, INVALID, EATS"
  })
  void anEntryThatIsNotLegalIsRefused(String word0, String word1, Reason reason, String field) {
    Blob data = entry(Long.decode(word0), Long.decode(word1));
    try {
      rig.driver.createDomain(DomainSpec.nested(parent, data, Set.of()));
    } catch (IoasisException e) {
      assertThat(e.reason()).isEqualTo(reason);
      assertThat(e).hasMessageContaining(field);
      return;
    }
    throw new AssertionError("not refused");
  }

  @Test
  void aParentLivesAsLongAsWhatStandsOnIt() {
    try {
      parent.close();
      throw new AssertionError("not refused");
    } catch (IoasisException e) {
      assertThat(e.reason()).isEqualTo(Reason.BUSY);
    }
    device.detach(NONE, nested);
    assertThat(rig.write(PASID, IOVA, 1)).isNotEqualTo(TransferStatus.OK);
    nested.close();
    parent.close();
  }

  @Test
  void aSuccessorKnowsTheNestedDomain() {
    Blob blob = rig.driver.handOver();
    rig.driver = rig.newDriver();
    DriverDomain again = rig.driver.adopt(blob, rig.faults).domains().get(nested.key());
    assertThat(again.spec().parent().key()).isEqualTo(parent.key());
    assertThat(rig.write(PASID, IOVA, 4)).isEqualTo(TransferStatus.OK);
    rig.driver.stop();
    assertThat(rig.held()).isEqualTo(rig.framesBefore);
  }
}
