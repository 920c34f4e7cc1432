package org.ioasis.itest.walls.planted.vtd.hardware;

import org.ioasis.itest.walls.planted.vtd.driver.Innocent;

/** Hardware that knows a driver. */
record KnowsDriver(Innocent other) {}
