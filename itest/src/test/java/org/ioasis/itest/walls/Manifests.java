package org.ioasis.itest.walls;

import aQute.bnd.header.Parameters;
import aQute.bnd.osgi.Domain;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import org.osgi.framework.Constants;

/** The walls as the framework sees them: the headers of a bundle's manifest. */
final class Manifests {
  /** Headers that reach past the packages a bundle imports. */
  private static final List<String> TUNNELS =
      List.of(Constants.REQUIRE_BUNDLE, Constants.DYNAMICIMPORT_PACKAGE, Constants.FRAGMENT_HOST);

  private Manifests() {}

  /**
   * What is wrong with a bundle's manifest, a line each.
   *
   * @param part the bundle's part of the house
   * @param headers its manifest
   */
  static List<String> wrong(String part, Attributes headers) {
    List<String> wrong = new ArrayList<>();
    for (String tunnel : TUNNELS) {
      if (headers.getValue(tunnel) != null) {
        wrong.add(part + " has the header " + tunnel);
      }
    }
    for (String imported : packages(headers, Constants.IMPORT_PACKAGE).keySet()) {
      String to = House.part(House.BASE, imported);
      if (to != null && !House.mayImport(part, to)) {
        wrong.add(part + " imports " + imported);
      }
    }
    for (String exported : packages(headers, Constants.EXPORT_PACKAGE).keySet()) {
      if (House.VENDORS.contains(part)) {
        wrong.add(part + " is a vendor and exports " + exported);
      } else if (!part.equals(House.part(House.BASE, exported))) {
        wrong.add(part + " exports " + exported + ", which is not its own");
      }
    }
    return wrong;
  }

  /** The packages of an import or export header with their attributes; none without the header. */
  static Parameters packages(Attributes headers, String name) {
    String value = headers.getValue(name);
    return value == null
        ? new Parameters()
        : Domain.domain(Map.of(name, value)).getParameters(name);
  }
}
