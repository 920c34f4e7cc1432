package org.ioasis.itest.walls.planted.capture;

/** A door that names vendors: in a text, in a name, in the name of a class. */
final class NamesVendor {
  final String text = "a vendor behind \"VT-d\"";
  final int smmuv3 = 1;

  static final class AmdVi {}
}
