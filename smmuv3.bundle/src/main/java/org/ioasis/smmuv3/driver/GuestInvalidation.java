package org.ioasis.smmuv3.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.NestedDomain;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.smmuv3.format.AtcInv;
import org.ioasis.smmuv3.format.Cfgi;
import org.ioasis.smmuv3.format.Command;
import org.ioasis.smmuv3.format.Tlbi;

/**
 * A guest&#39;s invalidation commands, in the format of the command queue. His VMID becomes the
 * parent&#39;s, his StreamIDs those of every device of the domain. The commands are those that the
 * kernel&#39;s user API accepts. "Commands".
 *
 * <p><b>Threading:</b> any thread; each call has a list of its own.
 */
final class GuestInvalidation implements NestedDomain {
  /** Type of the records. */
  static final String TYPE = "smmuv3.commands";

  private final SmmuDomain domain;
  private final DriverCore core;

  GuestInvalidation(SmmuDomain domain) {
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
    if (recordBytes < Command.BYTES || records.length() % recordBytes != 0) {
      throw new IoasisException(
          Reason.INVALID,
          "invalidation of %s refused: %d bytes are no records of %d; one has %d at least"
              .formatted(domain.name(), records.length(), recordBytes, Command.BYTES));
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
      for (int tail = recordBytes - Command.BYTES; tail > 0; tail--) {
        if (in.get() != 0) {
          return refuse(
              done, Reason.TOO_LARGE, "record %d has a tail that is not 0".formatted(done));
        }
      }
      CommandList list = new CommandList();
      if (!translate(list, word0, word1)) {
        return refuse(
            done,
            Reason.INVALID,
            Command.name(Command.opcode(word0)) + " is not a guest's to give");
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

  private BatchResult refuse(int done, Reason reason, String why) {
    return new BatchResult(
        done, reason, "invalidation of %s refused: %s".formatted(domain.name(), why), 0);
  }

  /** The platform&#39;s commands for one of the guest&#39;s; false if it is not his to give. */
  private boolean translate(CommandList list, long word0, long word1) {
    int vmid = domain.parent().tag();
    switch (Command.opcode(word0)) {
      case Command.TLBI_NSNH_ALL, Command.TLBI_NH_ALL -> list.stage1(vmid);
      case Command.TLBI_NH_ASID, Command.TLBI_NH_VA, Command.TLBI_NH_VAA ->
          list.raw(Tlbi.VMID.put(word0, vmid), word1);
      case Command.CFGI_CD, Command.CFGI_CD_ALL ->
          forEachStream(sid -> list.raw(Cfgi.SID.put(word0, sid), word1));
      case Command.ATC_INV -> atc(list, word0, word1);
      case Command.SYNC -> {} // each record is waited for
      default -> {
        return false;
      }
    }
    return true;
  }

  private void atc(CommandList list, long word0, long word1) {
    for (SmmuDomain.Place place : domain.places()) {
      for (int sid : place.device().atcs()) {
        list.devices().add(sid);
        list.raw(AtcInv.SID.put(word0, Integer.toUnsignedLong(sid)), word1);
      }
    }
  }

  private interface Streams {
    void stream(long sid);
  }

  private void forEachStream(Streams streams) {
    for (SmmuDomain.Place place : domain.places()) {
      for (int sid : place.device().ids()) {
        streams.stream(Integer.toUnsignedLong(sid));
      }
    }
  }
}
