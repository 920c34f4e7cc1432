package org.ioasis.itest.walls.planted.launcher;

import org.ioasis.itest.walls.planted.api.state.Innocent;

/** A launcher that knows a bundle. */
record KnowsBundle(Innocent other) {}
