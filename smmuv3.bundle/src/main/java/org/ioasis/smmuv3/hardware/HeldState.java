package org.ioasis.smmuv3.hardware;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.state.Section;
import org.ioasis.smmuv3.format.Event;

/**
 * Held transactions as state, section INFLIGHT: what software knows of them, so that a STAG which
 * it was told of before an export means the same after an import. Transactions without a STAG are
 * not part of it: to software they do not exist.
 *
 * <pre>
 *  an entry of 40 bytes, little-endian, in the order in which they were held
 *  0: StreamID   4: STAG (16 bits)   6: flags, 1 stage 2, 2 software can have seen the record
 *  8: the four words of the record
 * </pre>
 *
 * <p><b>Threading:</b> pure functions.
 */
final class HeldState {
  /** Type of the blob. */
  static final String TYPE = "smmuv3.stalls";

  private static final int BYTES = 40, WORDS = 4;
  private static final int STAGE_2 = 1, VISIBLE = 2;

  private HeldState() {}

  /** The section&#39;s content. */
  static List<Blob> write(List<StallTable.Stall> stalls) {
    ByteBuffer out = ByteBuffer.allocate(BYTES * stalls.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (StallTable.Stall stall : stalls) {
      int flags = (stall.stage2 ? STAGE_2 : 0) | (stall.visible ? VISIBLE : 0);
      out.putInt(stall.sid).putShort((short) stall.tag).putShort((short) flags);
      for (long word : stall.record) {
        out.putLong(word);
      }
    }
    return List.of(new Blob(TYPE, out.flip()));
  }

  /**
   * Reads the section; empty if it is not there.
   *
   * @param most how many the unit can hold
   * @throws IoasisException MALFORMED if it is not what {@link #write} writes, or holds more
   */
  static List<StallTable.Stall> read(Map<Section, List<Blob>> sections, int most) {
    List<StallTable.Stall> stalls = new ArrayList<>();
    Set<Long> tags = new HashSet<>();
    for (Blob blob : sections.getOrDefault(Section.INFLIGHT, List.of())) {
      if (!blob.type().equals(TYPE) || blob.length() % BYTES != 0) {
        throw refuse("%d bytes of type %s are no entries of %d", blob.length(), blob.type(), BYTES);
      }
      ByteBuffer in = blob.bytes().order(ByteOrder.LITTLE_ENDIAN);
      while (in.hasRemaining()) {
        StallTable.Stall stall = entry(in);
        if (!tags.add(stall.tag) || stall.tag >= most) {
          throw refuse("STAG 0x%x comes twice or is beyond the unit's %d", stall.tag, most);
        }
        stalls.add(stall);
      }
    }
    return stalls;
  }

  private static StallTable.Stall entry(ByteBuffer in) {
    int sid = in.getInt();
    long tag = Short.toUnsignedLong(in.getShort());
    int flags = in.getShort();
    long[] record = new long[WORDS];
    for (int word = 0; word < WORDS; word++) {
      record[word] = in.getLong();
    }
    boolean consistent =
        Event.STALL.isSet(record[1])
            && Event.STAG.get(record[1]) == tag
            && Event.SID.get(record[0]) == Integer.toUnsignedLong(sid);
    if (!consistent || (flags & ~(STAGE_2 | VISIBLE)) != 0) {
      throw refuse("the entry of STAG 0x%x and its record do not agree", tag);
    }
    StallTable.Stall stall = new StallTable.Stall(sid, tag, (flags & STAGE_2) != 0, record);
    stall.visible = (flags & VISIBLE) != 0;
    return stall;
  }

  private static IoasisException refuse(String why, Object... values) {
    return new IoasisException(
        Reason.MALFORMED, "state refused: held transactions: " + why.formatted(values));
  }
}
