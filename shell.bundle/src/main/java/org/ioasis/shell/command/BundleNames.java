package org.ioasis.shell.command;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** Arguments that name bundles. */
abstract class BundleNames extends ParsedCommand.Line {
  @CommandLine.Parameters(
      arity = "1..*",
      paramLabel = "BUNDLE",
      description = "Number, symbolic name or its last part.")
  private final List<String> names = new ArrayList<>();

  /** All bundles that were named; refuses all when one cannot be found. */
  final List<BundleView> resolve(BundleFinder finder) {
    return names.stream().map(finder::find).toList();
  }
}
