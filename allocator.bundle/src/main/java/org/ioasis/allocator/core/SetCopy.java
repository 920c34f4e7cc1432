package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.ioasis.api.ioasid.IoasidInfo;
import org.ioasis.api.ioasid.Pasid;

/**
 * The ids of a set in plain arrays that are made before they are filled in.
 *
 * <p><b>Threading:</b> the reader's.
 */
final class SetCopy {
  private final int[] ids;
  private final long[] words;
  private final int[] guests;
  private final int[] bindings;
  private int count;

  SetCopy(int size) {
    ids = new int[size];
    words = new long[size];
    guests = new int[size];
    bindings = new int[size];
  }

  /** Copies; false if there are more than expected. Under the lock, or torn. */
  boolean read(IdTable table, SetCore set) {
    count = 0;
    for (int id = set.ids.next(0); id >= 0; id = set.ids.next(id + 1)) {
      if (count == ids.length) {
        return false;
      }
      ids[count] = id;
      words[count] = table.word(id);
      guests[count] = table.guest(id);
      bindings[count++] = table.bindings(id);
    }
    return true;
  }

  List<IoasidInfo> infos() {
    List<IoasidInfo> infos = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      infos.add(info(i));
    }
    return infos;
  }

  private IoasidInfo info(int i) {
    return new IoasidInfo(
        new Pasid(ids[i]),
        guests[i] < 0 ? OptionalInt.empty() : OptionalInt.of(guests[i]),
        StateWord.state(words[i]),
        StateWord.leases(words[i]),
        bindings[i]);
  }
}
