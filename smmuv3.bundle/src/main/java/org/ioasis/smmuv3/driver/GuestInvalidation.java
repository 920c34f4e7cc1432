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
 * parent&#39;s, his StreamIDs those of the devices that the scope says: of a nested domain every
 * device, of a virtual IOMMU the one that he knows by this id. The commands are those that the
 * kernel&#39;s user API accepts. "Commands".
 *
 * <p><b>Threading:</b> any thread; each call has a list of its own.
 */
final class GuestInvalidation implements NestedDomain {
  /** Type of the records. */
  static final String TYPE = "smmuv3.commands";

  /** What a guest&#39;s ids mean. */
  interface Scope {
    /** Whose commands these are, in messages. */
    String name();

    /** The parent&#39;s VMID. */
    int vmid();

    /** The devices that a StreamID of the guest&#39;s names; null if it names none. */
    List<SmmuDevice> devices(int sid);
  }

  private record NestedScope(SmmuDomain domain) implements Scope {
    @Override
    public String name() {
      return domain.name();
    }

    @Override
    public int vmid() {
      return domain.parent().tag();
    }

    @Override
    public List<SmmuDevice> devices(int sid) {
      return domain.places().stream().map(SmmuDomain.Place::device).toList();
    }
  }

  private final Scope scope;
  private final DriverCore core;

  GuestInvalidation(DriverCore core, Scope scope) {
    this.core = core;
    this.scope = scope;
  }

  /** The commands of who made a nested domain. */
  static GuestInvalidation of(SmmuDomain domain) {
    return new GuestInvalidation(domain.core(), new NestedScope(domain));
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
              .formatted(scope.name(), records.type(), TYPE));
    }
    if (recordBytes < Command.BYTES || records.length() % recordBytes != 0) {
      throw new IoasisException(
          Reason.INVALID,
          "invalidation of %s refused: %d bytes are no records of %d; one has %d at least"
              .formatted(scope.name(), records.length(), recordBytes, Command.BYTES));
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
            Command.name(Command.opcode(word0))
                + " is not a guest's to give, or names a StreamID that he has not");
      }
      SyncResult result = core.run(list);
      if (!result.complete()) {
        return new BatchResult(
            done,
            Reason.TIMED_OUT,
            "invalidation of %s: devices %s did not answer and were isolated"
                .formatted(scope.name(), result.unanswered()),
            result.unanswered().get(0));
      }
      done++;
    }
    return BatchResult.all(done);
  }

  private BatchResult refuse(int done, Reason reason, String why) {
    return new BatchResult(
        done, reason, "invalidation of %s refused: %s".formatted(scope.name(), why), 0);
  }

  /** The platform&#39;s commands for one of the guest&#39;s; false if it is not his to give. */
  private boolean translate(CommandList list, long word0, long word1) {
    int vmid = scope.vmid();
    switch (Command.opcode(word0)) {
      case Command.TLBI_NSNH_ALL, Command.TLBI_NH_ALL -> list.stage1(vmid);
      case Command.TLBI_NH_ASID, Command.TLBI_NH_VA, Command.TLBI_NH_VAA ->
          list.raw(Tlbi.VMID.put(word0, vmid), word1);
      case Command.CFGI_CD, Command.CFGI_CD_ALL -> {
        return context(list, word0, word1);
      }
      case Command.ATC_INV -> {
        return atc(list, word0, word1);
      }
      case Command.SYNC -> {} // each record is waited for
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean context(CommandList list, long word0, long word1) {
    List<SmmuDevice> devices = scope.devices((int) Cfgi.SID.get(word0));
    if (devices == null) {
      return false;
    }
    for (SmmuDevice device : devices) {
      for (int sid : device.ids()) {
        list.raw(Cfgi.SID.put(word0, Integer.toUnsignedLong(sid)), word1);
      }
    }
    return true;
  }

  private boolean atc(CommandList list, long word0, long word1) {
    List<SmmuDevice> devices = scope.devices((int) AtcInv.SID.get(word0));
    if (devices == null) {
      return false;
    }
    for (SmmuDevice device : devices) {
      for (int sid : device.atcs()) {
        list.devices().add(sid);
        list.raw(AtcInv.SID.put(word0, Integer.toUnsignedLong(sid)), word1);
      }
    }
    return true;
  }
}
