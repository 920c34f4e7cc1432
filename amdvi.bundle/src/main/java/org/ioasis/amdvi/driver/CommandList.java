package org.ioasis.amdvi.driver;

import java.util.Arrays;
import org.ioasis.amdvi.format.CompletePprRequest;
import org.ioasis.amdvi.format.InvalidateDevtabEntry;
import org.ioasis.amdvi.format.InvalidateInterruptTable;
import org.ioasis.amdvi.format.InvalidateIommuAll;
import org.ioasis.amdvi.format.InvalidateIommuPages;
import org.ioasis.amdvi.format.InvalidateIotlbPages;
import org.ioasis.amdvi.format.InvalidationAddress;

/**
 * Commands to be submitted together, and the devices whose TLBs they invalidate. "Command Buffer".
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class CommandList {
  /** As many invalidations as a device must be able to queue. */
  private static final int MAX_PENDING = 0x20;

  private long[] words = new long[16];
  private int count;
  private int[] devices = new int[4];
  private int deviceCount;

  /** Empties it. */
  CommandList clear() {
    count = 0;
    deviceCount = 0;
    return this;
  }

  int count() {
    return count;
  }

  long word0(int index) {
    return words[2 * index];
  }

  long word1(int index) {
    return words[2 * index + 1];
  }

  /** The devices whose TLBs are invalidated, each once. */
  int[] devices() {
    return Arrays.stream(devices, 0, deviceCount).distinct().toArray();
  }

  private CommandList add(long word0, long word1) {
    if (2 * count == words.length) {
      words = Arrays.copyOf(words, 2 * words.length);
    }
    words[2 * count] = word0;
    words[2 * count + 1] = word1;
    count++;
    return this;
  }

  /** A command in words of its own. */
  CommandList raw(long word0, long word1) {
    return add(word0, word1);
  }

  /** A device table entry has changed. */
  CommandList deviceEntry(int deviceId) {
    return add(InvalidateDevtabEntry.of(deviceId), 0);
  }

  /** v1 translations of a domain. */
  CommandList hostPages(int domainId, long first, long last, boolean directories) {
    long sized = InvalidationAddress.of(first, last);
    return add(
        InvalidateIommuPages.word0(domainId, 0),
        InvalidateIommuPages.word1(sized, directories, false));
  }

  /** v2 translations of a PASID under a domain. */
  CommandList guestPages(int domainId, int pasid, long first, long last, boolean directories) {
    long sized = InvalidationAddress.of(first, last);
    return add(
        InvalidateIommuPages.word0(domainId, pasid),
        InvalidateIommuPages.word1(sized, directories, true));
  }

  /** Translations that a device holds; a negative PASID for those without one. */
  CommandList deviceTlb(int deviceId, int pasid, long first, long last) {
    if (deviceCount == devices.length) {
      devices = Arrays.copyOf(devices, 2 * devices.length);
    }
    devices[deviceCount++] = deviceId;
    boolean guest = pasid >= 0;
    return add(
        InvalidateIotlbPages.word0(deviceId, guest ? pasid : 0, deviceId, MAX_PENDING),
        InvalidateIotlbPages.word1(InvalidationAddress.of(first, last), guest));
  }

  /** Interrupt entries of a device. */
  CommandList interruptTable(int deviceId) {
    return add(InvalidateInterruptTable.of(deviceId), 0);
  }

  /** Every cache of the unit. */
  CommandList everything() {
    return add(InvalidateIommuAll.WORD0, 0);
  }

  /** The answer to a group. */
  CommandList completePpr(int deviceId, int pasid, int group, int response) {
    boolean guest = pasid >= 0;
    return add(
        CompletePprRequest.word0(deviceId, guest ? pasid : 0),
        CompletePprRequest.word1(group, response, guest));
  }
}
