/**
 * I/O address spaces. {@link org.ioasis.domain.space.Space} owns mappings as data; {@link
 * org.ioasis.domain.space.Follower}s are the page tables that mirror it.
 */
package org.ioasis.domain.space;
