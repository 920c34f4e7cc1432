package org.ioasis.itest.walls.planted.api.state;

import org.ioasis.itest.walls.planted.api.memory.KnowsState;

/** The other half of a cycle of packages. */
public record KnowsMemory(KnowsState other) {}
