package org.ioasis.itest.walls.planted.vtd.driver;

import org.ioasis.itest.walls.planted.vtd.hardware.Innocent;

/** A driver that knows its hardware. */
record KnowsHardware(Innocent other) {}
