package org.ioasis.itest.walls.planted.capture;

import org.ioasis.itest.walls.planted.vtd.hardware.Innocent;

/** A bundle that knows a sibling, and a vendor at that. */
record KnowsSibling(Innocent other) {}
