package org.ioasis.api.fault;

/**
 * What became of the groups in a drain.
 *
 * @param answered answered by their handlers before the drain reached them
 * @param closed answered INVALID by the drain
 * @param carried kept open for a new route
 * @param incomplete begun and never ended by the device; dropped without an answer, as specified
 */
public record DrainReport(int answered, int closed, int carried, int incomplete) {}
