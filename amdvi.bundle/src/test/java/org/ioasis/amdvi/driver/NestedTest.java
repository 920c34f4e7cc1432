package org.ioasis.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.amdvi.driver.DriverRig.NONE;
import static org.ioasis.amdvi.driver.DriverRig.RW;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
 * A guest with tables of its own. Its memory begins at {@link #GUEST} and is mapped by the parent
 * from guest address 0 on; in it lie, in literal words, a GCR3 table, four v2 tables and a page.
 */
class NestedTest {
  private static final long GUEST = 0x80_0000, PAGE = 0x1000, IOVA = 0x7F12_3456_7000L;
  private static final long DATA = 0x9000;
  private static final int PASID = 5;

  private final DriverRig rig = new DriverRig(Scheduler.Mode.INLINE).started();
  private final DriverDomain parent =
      rig.driver.createDomain(DomainSpec.paging(Set.of(DomainFlag.NEST_PARENT)));
  private final DriverDevice device = rig.driver.addDevice(DriverRig.facts());
  private DriverDomain nested;

  @BeforeEach
  void build() {
    DomainBatch batch = parent.batch();
    batch.map(0, GUEST, 16 * PAGE, RW);
    batch.sync();
    store(0x1000 + 8 * PASID, 0x2001); // GCR3 table, one level
    store(0x2000 + 8 * 0xFE, 0x3027);
    store(0x3000 + 8 * 0x48, 0x4027);
    store(0x4000 + 8 * 0x1A2, 0x5027);
    store(0x5000 + 8 * 0x167, DATA | 0x67);
    nested = rig.driver.createDomain(DomainSpec.nested(parent, entry(0x1000, 0), Set.of()));
    device.attach(NONE, nested);
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private void store(long guestAddress, long value) {
    rig.machine.memory().store64(GUEST + guestAddress, value);
  }

  /** V, GV, GLX 0 and the root, as the guest wrote its entry. */
  private static Blob entry(long root, long more) {
    ByteBuffer words = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    words.putLong(0x0080_0000_0000_0001L | (root >>> 12 & 7) << 58 | more);
    words.putLong((root >>> 15 & 0xFFFF) << 16).putLong(0).putLong(0);
    return new Blob("amdvi.guest-dte", words.flip());
  }

  private static Blob commands(long... words) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      bytes.putLong(word);
    }
    return new Blob("amdvi.commands", bytes.flip());
  }

  @Test
  void dmaGoesThroughBothTables() {
    assertThat(rig.write(PASID, IOVA + 8, 0x11)).isEqualTo(TransferStatus.OK);
    assertThat(rig.at(GUEST + DATA + 8)).isEqualTo(0x11);
    assertThat(rig.write(PASID + 1, IOVA, 1)).isEqualTo(TransferStatus.FAULT);
  }

  @Test
  void aGuestInvalidatesByItsOwnCommands() {
    rig.write(PASID, IOVA, 1);
    store(0x5000 + 8 * 0x167, 0);
    BatchResult result =
        nested
            .nested()
            .orElseThrow()
            .invalidate(
                commands(
                    0x3000_0077_0000_0005L,
                    IOVA | 4, // INVALIDATE_IOMMU_PAGES, GN
                    (0x4000_0000_0005_0340L & ~0xFFFF_0000L) | 5L << 48,
                    IOVA | 4,
                    0x1000_0000_0000_0000L,
                    0),
                16);
    assertThat(result).isEqualTo(BatchResult.all(3));
    assertThat(rig.write(PASID, IOVA, 2)).isEqualTo(TransferStatus.FAULT);
    assertThat(rig.at(GUEST + DATA)).isEqualTo(1);
  }

  @Test
  void whatIsNotAGuestsToGiveEndsTheBatch() {
    BatchResult result =
        nested
            .nested()
            .orElseThrow()
            .invalidate(commands(0x3000_0077_0000_0005L, IOVA | 4, 0x2000_0000_0000_0340L, 0), 16);
    assertThat(result.done()).isOne();
    assertThat(result.reason()).isEqualTo(Reason.INVALID);
    assertThat(result.message()).contains("INVALIDATE_DEVTAB_ENTRY");
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
    "0x200,                 INVALID, Mode",
    "0x1000,                INVALID, HostPageTableRoot",
    "0x0300000000000000,    INVALID, GLX"
  })
  void anEntryThatIsNotLegalIsRefused(String bits, Reason reason, String field) {
    try {
      rig.driver.createDomain(
          DomainSpec.nested(parent, entry(0x1000, Long.decode(bits)), Set.of()));
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
    assertThat(rig.write(PASID, IOVA, 1)).isEqualTo(TransferStatus.FAULT);
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
