package org.ioasis.machine.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.FabricUnit;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.Translation;

/**
 * A unit that maps IOVA x to {@link #OFFSET} + x, or answers what the test has put in line.
 *
 * <p><b>Threading:</b> one test thread.
 */
final class ScriptedUnit implements FabricUnit {
  static final long OFFSET = 0x10_0000;

  /** What is answered before the mapping counts again. */
  final Deque<Function<DmaRequest, Long>> script = new ArrayDeque<>();

  /** Address types of the requests so far. */
  final List<Integer> types = new ArrayList<>();

  /** Page requests so far. */
  final List<PageRequest> pages = new ArrayList<>();

  /** What happens with a page request, beside being noted. */
  Function<PageRequest, Boolean> onPage = request -> true;

  /** Rights of every translation. */
  int rights = DmaRequest.READ | DmaRequest.WRITE;

  @Override
  public long translate(DmaRequest request) {
    types.add(request.addressType());
    if (!script.isEmpty()) {
      return script.poll().apply(request);
    }
    request.granted(rights);
    return request.addressType() == DmaRequest.AT_TRANSLATED
        ? Translation.of(request.iova(), 12)
        : Translation.of(OFFSET + request.iova(), 12);
  }

  @Override
  public long probe(DmaRequest request) {
    throw new AssertionError("a device never probes");
  }

  @Override
  public boolean checksTranslatedRequests() {
    return true;
  }

  @Override
  public boolean pageRequest(PageRequest request) {
    pages.add(request);
    return onPage.apply(request);
  }

  /** Puts a refusal in line. */
  void refuse(Translation.Refusal refusal, int code) {
    script.add(
        request -> {
          request.refused(code);
          return Translation.none(refusal);
        });
  }

  /** Puts a stall in line. */
  void stall(long tag) {
    script.add(
        request -> {
          request.stalled(tag);
          return Translation.none(Translation.Refusal.STALLED);
        });
  }
}
