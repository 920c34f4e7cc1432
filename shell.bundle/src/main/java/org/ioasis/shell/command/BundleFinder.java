package org.ioasis.shell.command;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;

/**
 * Finds bundles by what people type: the number, the symbolic name, or its last part.
 *
 * @param context the bundle that asks
 */
public record BundleFinder(BundleContext context) {

  /** All bundles but the framework itself, in order of their names. */
  public List<BundleView> all() {
    return Arrays.stream(context.getBundles())
        .filter(bundle -> bundle.getBundleId() != Constants.SYSTEM_BUNDLE_ID)
        .map(BundleView::new)
        .sorted(Comparator.comparing(BundleView::name))
        .toList();
  }

  /** Our own bundles, in order of their names. */
  public List<BundleView> ours() {
    return all().stream().filter(BundleView::ours).toList();
  }

  /**
   * The bundle with this number, this symbolic name, or a symbolic name that ends with this after a
   * dot; ours before others.
   *
   * @throws IoasisException NOT_FOUND if there is none, INVALID if there is more than one
   */
  public BundleView find(String typed) {
    if (typed.matches("[0-9]{1,18}")) {
      Bundle bundle = context.getBundle(Long.parseLong(typed));
      if (bundle == null) {
        throw new IoasisException(
            Reason.NOT_FOUND, "there is no bundle %s; bundles lists them".formatted(typed));
      }
      return new BundleView(bundle);
    }
    List<BundleView> exact = matching(all(), typed, false);
    List<BundleView> found = exact.isEmpty() ? matching(ours(), typed, true) : exact;
    return only(typed, found.isEmpty() ? matching(all(), typed, true) : found);
  }

  private static List<BundleView> matching(List<BundleView> from, String typed, boolean ending) {
    return from.stream()
        .filter(view -> view.name().equals(typed) || (ending && view.name().endsWith("." + typed)))
        .toList();
  }

  private BundleView only(String typed, List<BundleView> found) {
    if (found.size() == 1) {
      return found.get(0);
    }
    if (found.isEmpty()) {
      List<String> names = all().stream().map(BundleView::shortName).toList();
      throw new IoasisException(
          Reason.NOT_FOUND, "there is no bundle %s; %s".formatted(typed, Choice.of(typed, names)));
    }
    String candidates =
        found.stream()
            .map(view -> view.bundle().getBundleId() + " " + view.name() + " " + view.version())
            .collect(Collectors.joining(", "));
    throw new IoasisException(
        Reason.INVALID,
        "%s may be any of %s; give the number or the whole name".formatted(typed, candidates));
  }
}
