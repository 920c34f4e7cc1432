/**
 * Bit layouts of AMD-Vi: registers, entries, descriptors and records, numbered as the specification
 * prints them. Pure functions on {@code long}s; the only place where a shift or a mask of this
 * specification stands. Called by the two other rooms, calls neither.
 */
package org.ioasis.amdvi.format;
