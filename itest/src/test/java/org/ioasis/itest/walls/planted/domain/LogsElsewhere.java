package org.ioasis.itest.walls.planted.domain;

import java.util.logging.Logger;

/** Logs past SLF4J. */
record LogsElsewhere(Logger log) {}
