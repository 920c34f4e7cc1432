package org.ioasis.benchmark.rig;

import java.util.List;
import org.ioasis.api.machine.Translation;

/**
 * All vendors that can be measured. Every product benchmark calls {@link #warm} first, so that no
 * vendor profits from being alone in the virtual machine.
 */
public final class Vendors {
  private static final List<Vendor> ALL =
      List.of(new VtdVendor(), new SmmuVendor(), new AmdviVendor());
  private static final int WARM_REQUESTS = 40_000;

  private Vendors() {}

  /** The kinds of all vendors. */
  public static List<String> kinds() {
    return ALL.stream().map(Vendor::kind).toList();
  }

  /** The vendor of a kind. */
  public static Vendor of(String kind) {
    return ALL.stream()
        .filter(vendor -> vendor.kind().equals(kind))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no vendor " + kind + "; there are " + kinds()));
  }

  /** Lets every vendor translate in every format it has, hits and walks. */
  public static void warm() {
    for (Vendor vendor : ALL) {
      for (Format format : Format.values()) {
        warm(vendor, format);
      }
    }
  }

  /** Lets one vendor translate in one format, so that it is the only one that ever did. */
  public static void warmAlone(String kind, Format format) {
    warm(of(kind), format);
  }

  private static void warm(Vendor vendor, Format format) {
    if (vendor.has(format)) {
      try (Rig rig = vendor.open(format, Footprint.L2, Caches.DEFAULT, 1)) {
        warm(rig);
      }
    }
  }

  private static void warm(Rig rig) {
    long state = Sequence.SEED;
    for (int i = 0; i < WARM_REQUESTS; i++) {
      state = Sequence.next(state);
      long page = Sequence.pick(state, Footprint.L2.pagesLg2());
      rig.burst(0).begin();
      long first = rig.burst(0).translate(rig.request(0).iova(Footprint.iova(page)));
      long again = rig.burst(0).translate(rig.request(0).iova(Footprint.iova(page)));
      rig.burst(0).end();
      if (first != again || !Rig.isRight(first, page)) {
        throw new IllegalStateException(
            "page 0x%x answers %s, then %s"
                .formatted(page, Translation.toString(first), Translation.toString(again)));
      }
    }
  }
}
