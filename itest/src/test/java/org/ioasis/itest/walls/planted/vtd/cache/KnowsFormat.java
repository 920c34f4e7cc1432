package org.ioasis.itest.walls.planted.vtd.cache;

import org.ioasis.itest.walls.planted.vtd.format.Innocent;

/** A cache that knows a format. */
record KnowsFormat(Innocent other) {}
