package org.ioasis.smmuv3.hardware;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.cache.CacheWord;

/**
 * Rights as the cache words of this unit hold them: read, write and execute for unprivileged and
 * for privileged accesses. Pure functions.
 *
 * <pre>
 *  bit    8          7      6   5   4      3   2   1   0
 *      GLOBAL or   VALID   PX  PW  DIRTY  PR  UX  UW  UR
 *      DEVICE
 * </pre>
 */
final class Rights {
  static final int UR = CacheWord.READ, UW = CacheWord.WRITE, UX = CacheWord.EXECUTE;
  static final int PR = CacheWord.PRIVILEGED_ONLY, PW = CacheWord.USER_1, PX = CacheWord.USER_2;

  /** In words of stage 1: no ASID. In words of stage 2 alone: Device memory. */
  static final int GLOBAL = CacheWord.SNOOP, DEVICE = CacheWord.SNOOP;

  static final int UNPRIVILEGED = UR | UW | UX, PRIVILEGED = PR | PW | PX;
  static final int READS = UR | PR, WRITES = UW | PW, EXECUTES = UX | PX;
  static final int ALL = UNPRIVILEGED | PRIVILEGED;

  private static final int PRIVILEGED_READ_SHIFT = 3, PRIVILEGED_SHIFT = 4;

  private Rights() {}

  /**
   * What an access needs.
   *
   * @param access READ, WRITE, EXECUTE bits of a request
   */
  static int needed(int access, boolean privileged) {
    return privileged
        ? (access & UR) << PRIVILEGED_READ_SHIFT | (access & (UW | UX)) << PRIVILEGED_SHIFT
        : access & UNPRIVILEGED;
  }

  /**
   * Rights for the answer to a request.
   *
   * @param word a cache word
   * @return access bits of that privilege, and PRIVILEGED_ONLY where unprivileged accesses have
   *     none
   */
  static int granted(long word, boolean privileged) {
    int bits = (int) word;
    int unprivileged = bits & UNPRIVILEGED;
    if (!privileged) {
      return unprivileged;
    }
    int access = (bits & PR) >>> PRIVILEGED_READ_SHIFT | (bits & (PW | PX)) >>> PRIVILEGED_SHIFT;
    return access != 0 && unprivileged == 0 ? access | DmaRequest.PRIVILEGED_ONLY : access;
  }
}
