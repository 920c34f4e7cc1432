package org.ioasis.amdvi.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.ioasis.amdvi.format.Command;
import org.ioasis.amdvi.format.InvalidateIommuPages;
import org.ioasis.amdvi.format.InvalidateIotlbPages;
import org.ioasis.amdvi.format.InvalidationAddress;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.NestedDomain;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.DmaRequest;

/**
 * A guest&#39;s invalidation commands, in the format of the command buffer. His DomainID becomes
 * the platform&#39;s, and what he says to device TLBs reaches every device of the domain.
 * "INVALIDATE_IOMMU_PAGES", "INVALIDATE_IOTLB_PAGES".
 *
 * <p><b>Threading:</b> any thread; each call has a list of its own.
 */
final class GuestInvalidation implements NestedDomain {
  /** Type of the records. */
  static final String TYPE = "amdvi.commands";

  private static final int BYTES = 16;

  private final AmdDomain domain;
  private final DriverCore core;

  GuestInvalidation(AmdDomain domain) {
    this.domain = domain;
    this.core = domain.core();
  }

  @Override
  public List<String> types() {
    return List.of(TYPE);
  }

  @Override
  public BatchResult invalidate(Blob records, int recordBytes) {
    if (!records.type().equals(TYPE)) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "invalidation of %s refused: type %s; give %s"
              .formatted(domain.name(), records.type(), TYPE));
    }
    if (recordBytes < BYTES || records.length() % recordBytes != 0) {
      throw new IoasisException(
          Reason.INVALID,
          "invalidation of %s refused: %d bytes are no records of %d; one has %d at least"
              .formatted(domain.name(), records.length(), recordBytes, BYTES));
    }
    core.gate().enter("invalidation");
    try {
      return process(records.bytes().order(ByteOrder.LITTLE_ENDIAN), recordBytes);
    } finally {
      core.gate().leave();
    }
  }

  private BatchResult process(ByteBuffer in, int recordBytes) {
    int done = 0;
    while (in.hasRemaining()) {
      long word0 = in.getLong();
      long word1 = in.getLong();
      for (int tail = recordBytes - BYTES; tail > 0; tail--) {
        if (in.get() != 0) {
          return refuse(done, Reason.TOO_LARGE, "record %d has a tail that is not 0", done);
        }
      }
      CommandList list = new CommandList();
      switch (Command.opcode(word0)) {
        case Command.INVALIDATE_IOMMU_PAGES -> pages(list, word0, word1);
        case Command.INVALIDATE_IOTLB_PAGES -> deviceTlbs(list, word0, word1);
        case Command.COMPLETION_WAIT -> {} // each record is waited for
        default -> {
          return refuse(
              done,
              Reason.INVALID,
              "%s is not a guest's to give; INVALIDATE_IOMMU_PAGES and INVALIDATE_IOTLB_PAGES are",
              Command.name(Command.opcode(word0)));
        }
      }
      SyncResult result = core.run(list);
      if (!result.complete()) {
        return new BatchResult(
            done,
            Reason.TIMED_OUT,
            "invalidation of %s: devices %s did not answer and were isolated"
                .formatted(domain.name(), result.unanswered()),
            result.unanswered().get(0));
      }
      done++;
    }
    return BatchResult.all(done);
  }

  private BatchResult refuse(int done, Reason reason, String why, Object... values) {
    return new BatchResult(
        done,
        reason,
        "invalidation of %s refused: ".formatted(domain.name()) + why.formatted(values),
        0);
  }

  private void pages(CommandList list, long word0, long word1) {
    long first = InvalidationAddress.base(word1);
    long last = InvalidationAddress.last(word1);
    boolean directories = InvalidateIommuPages.PDE.isSet(word1);
    if (InvalidateIommuPages.GN.isSet(word1)) {
      int pasid = (int) InvalidateIommuPages.PASID.get(word0);
      list.guestPages(domain.id(), pasid, first, last, directories);
    } else {
      list.hostPages(domain.id(), first, last, directories);
    }
  }

  private void deviceTlbs(CommandList list, long word0, long word1) {
    int pasid =
        InvalidateIotlbPages.GN.isSet(word1)
            ? InvalidateIotlbPages.pasid(word0)
            : DmaRequest.NO_PASID;
    for (AmdDomain.Place place : domain.places()) {
      for (int device : place.device().tlbs()) {
        list.deviceTlb(
            device, pasid, InvalidationAddress.base(word1), InvalidationAddress.last(word1));
      }
    }
  }
}
