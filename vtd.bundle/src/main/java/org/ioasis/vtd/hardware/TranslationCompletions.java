package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.vtd.format.AddressBits;

/**
 * Answers translation requests (PCIe ATS). VT-d, "Translation Requests".
 *
 * <p>A completion grants what the tables allow of what was asked, even if that is less. Where they
 * allow nothing, it succeeds with no right and nothing is recorded: the device asks for the page.
 * Faults of structures are refused and recorded as for other requests.
 *
 * <p>Write is asked for unless the request has no-write set and the unit honours it (ECAP.NWFS);
 * what grants it has D set. EXECUTE is granted only if asked for. {@link DmaRequest#NON_SNOOPED}
 * says that neither the tables nor the entry ask for snooping. GLOBAL is never granted.
 *
 * <p>Without PASID the interrupt range is answered with a write right that the device may use for
 * untranslated requests only.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
final class TranslationCompletions {
  private static final int READ = Access.READ, WRITE = Access.WRITE, EXECUTE = Access.EXECUTE;

  /** What is tried, the most first; a page may be writable and not readable. */
  private static final int[] TRIES = {
    READ | WRITE | EXECUTE, READ | WRITE, READ | EXECUTE, READ, WRITE
  };

  private final boolean noWriteFlag;

  TranslationCompletions(Capabilities capabilities) {
    this.noWriteFlag = capabilities.noWriteFlag();
  }

  /** The rights a translation request asks for. */
  static int asked(DmaRequest request, boolean noWriteFlag) {
    int rights = request.access() & (READ | WRITE | EXECUTE);
    if ((rights & EXECUTE) != 0) {
      rights |= READ;
    }
    return request.isNoWrite() && noWriteFlag ? rights & ~WRITE : rights;
  }

  /** Whether a fault of the tables means that the page is not there, or not for this request. */
  static boolean isPageCondition(int code) {
    return code == LGN_1.code
        || code == LGN_2.code
        || code == LGN_3.code
        || code == SFS_2.code
        || (code >= SFS_5.code && code <= SFS_8.code)
        || code == SSS_2.code
        || (code >= SGN_1.code && code <= SGN_7.code);
  }

  /**
   * The completion.
   *
   * @param target what the request translates with
   * @param privileged a supervisor asks
   * @param quiet FPD of the entries
   * @return a packed {@link Translation}
   */
  long complete(DmaRequest request, Target target, boolean privileged, long epoch, boolean quiet) {
    int asked = asked(request, noWriteFlag);
    long input = request.iova();
    if (!request.hasPasid() && AddressBits.isInterrupt(input)) {
      request.granted((asked & WRITE) | DmaRequest.UNTRANSLATED_ONLY);
      return Translation.of(input, AddressBits.PAGE_LG2);
    }
    int mode = privileged ? DmaRequest.PRIVILEGED_ONLY : 0;
    if (target.walk == null) {
      return passThrough(request, target, asked | mode, quiet);
    }
    int code = 0;
    for (int rights : TRIES) {
      if ((rights & ~asked) == 0) {
        int plan =
            StageWalk.plan(privileged ? rights | StageWalk.PRIVILEGED : rights, TagTree.NO_TAG);
        long word = target.walk.walk(target, input, plan, epoch);
        if (word >= 0) {
          return granted(request, target, word, rights | mode, quiet);
        }
        code = (int) -word;
        if (!isPageCondition(code)) {
          return Translator.refuse(request, code, quiet);
        }
      }
    }
    return nothing(request);
  }

  /** Success without a right. */
  private static long nothing(DmaRequest request) {
    request.granted(0);
    return Translation.of(0, AddressBits.PAGE_LG2);
  }

  private static long granted(
      DmaRequest request, Target target, long found, int rights, boolean quiet) {
    long input = request.iova();
    int lg2 = StageWalk.sizeLg2(found);
    long output = CacheWord.address(found) | (input & (1L << lg2) - 1);
    if (AddressBits.isInterrupt(output)) {
      return Translator.refuse(request, target.walk.interruptRange(), quiet);
    }
    long word =
        Access.clamp(input, output, lg2) == lg2 ? found : Translator.asSmallPage(found, output);
    boolean snoops = CacheWord.has(word, CacheWord.SNOOP);
    request.granted(snoops ? rights : rights | DmaRequest.NON_SNOOPED);
    int size = StageWalk.sizeLg2(word);
    return Translation.of(CacheWord.address(word) | (input & (1L << size) - 1), size);
  }

  private static long passThrough(DmaRequest request, Target target, int rights, boolean quiet) {
    long address = request.iova();
    if (target.width < 64 && address >>> target.width != 0) {
      return nothing(request);
    }
    if (AddressBits.isInterrupt(address)) {
      return Translator.refuse(request, SGN_8.code, quiet);
    }
    request.granted(rights | DmaRequest.NON_SNOOPED);
    return Translation.of(address, Access.identitySpan(address));
  }
}
