/**
 * Bit fields and structures, written down as the specifications print them.
 *
 * <p>Positions are numbered over the whole structure: the domain-id of a VT-d context-entry is
 * {@code [87:72]}, not {@code [23:8]} of its second word. Software then reads like the table in the
 * specification, and one missing bit cannot silently shift everything behind it.
 *
 * <ul>
 *   <li>{@link org.ioasis.kit.layout.Field} is one field: get, test, put, compare. Constants of it
 *       compile to the shift and the mask one would write by hand.
 *   <li>{@link org.ioasis.kit.layout.Layout} is one structure: it refuses overlapping fields when
 *       the class that declares it is loaded, knows the reserved bits, and shows words to people.
 *   <li>{@link org.ioasis.kit.layout.FieldValue} is one line of such a description.
 * </ul>
 *
 * <p>Everything here is immutable and may be used by any thread. Words are {@code long}s in the
 * order of the specification (word 0 holds bits 63:0), already converted from little-endian memory.
 */
@Export
@Version("1.0.0")
package org.ioasis.kit.layout;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
