package org.ioasis.itest.walls.planted.vtd.format;

import org.ioasis.itest.walls.planted.vtd.hardware.Innocent;

/** A format that knows another room. */
record KnowsRoom(Innocent other) {}
