package org.ioasis.api.fault;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ioasis.api.machine.DmaRequest;

/**
 * The kernel's fault record, 40 bytes little-endian, and its response record, 8 bytes: what a user
 * outside reads from and writes to a {@link FaultQueue}.
 *
 * <pre>
 *   0 flags  u32   1 PASID valid, 2 last page     24 addr   u64
 *   4 dev_id u32   identity of the device         32 length u32   hint, 0 if none
 *   8 pasid  u32                                  36 cookie u32   one per group
 *  12 grpid  u32                                  response:
 *  16 perm   u32   1 r, 2 w, 4 x, 8 privileged     0 cookie u32
 *  20        u32   0                               4 code   u32   {@link FaultResponse#code}
 * </pre>
 *
 * <p><b>Threading:</b> pure functions.
 */
public final class FaultRecords {
  /** Bytes of a fault record. */
  public static final int BYTES = 40;

  /** Bytes of a response record. */
  public static final int RESPONSE_BYTES = 8;

  /** Bits of the flags. */
  public static final int FLAG_PASID_VALID = 1, FLAG_LAST_PAGE = 2;

  /** Bits of the permissions. */
  public static final int PERM_READ = 1, PERM_WRITE = 2, PERM_EXEC = 4, PERM_PRIV = 8;

  private FaultRecords() {}

  /**
   * Appends one record at the buffer's position, whatever the buffer's byte order.
   *
   * @param cookie of the fault's group
   * @throws java.nio.BufferOverflowException without room for 40 bytes; nothing is written
   */
  public static void put(ByteBuffer into, Fault fault, int cookie) {
    if (into.remaining() < BYTES) {
      throw new BufferOverflowException();
    }
    boolean hasPasid = fault.pasid() != DmaRequest.NO_PASID;
    ByteBuffer record = into.slice().order(ByteOrder.LITTLE_ENDIAN);
    record.putInt((hasPasid ? FLAG_PASID_VALID : 0) | (fault.last() ? FLAG_LAST_PAGE : 0));
    record.putInt(fault.device().id());
    record.putInt(hasPasid ? fault.pasid() : 0);
    record.putInt(fault.group());
    record.putInt(fault.access() | (fault.privileged() ? PERM_PRIV : 0));
    record.putInt(0);
    record.putLong(fault.address());
    record.putInt(fault.lengthHint());
    record.putInt(cookie);
    into.position(into.position() + BYTES);
  }
}
