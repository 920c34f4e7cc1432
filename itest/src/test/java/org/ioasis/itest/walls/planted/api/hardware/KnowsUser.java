package org.ioasis.itest.walls.planted.api.hardware;

import org.ioasis.itest.walls.planted.api.domain.Innocent;

/** A vendor's contract that knows a user's. */
record KnowsUser(Innocent other) {}
