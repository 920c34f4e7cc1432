package org.ioasis.itest.walls.planted.api.memory;

import org.ioasis.itest.walls.planted.api.state.KnowsMemory;

/** One half of a cycle of packages. */
public record KnowsState(KnowsMemory other) {}
