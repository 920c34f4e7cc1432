package org.ioasis.api.domain;

import org.ioasis.api.IovaRange;

/**
 * Who narrowed an address space, and how.
 *
 * @param by the device, domain, access or client, for people
 * @param range addresses taken away, or null if it narrowed something else
 * @param what what was narrowed and to what, for example {@code alignment 0x10000}
 */
public record Narrowing(String by, IovaRange range, String what) {}
