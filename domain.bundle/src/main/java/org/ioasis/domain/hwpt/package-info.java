/**
 * Hardware page tables. A {@link org.ioasis.domain.hwpt.DomainCore} is the domain as its user knows
 * it; it has one {@link org.ioasis.domain.hwpt.Table} on each unit where devices use it, two of
 * them only while a swap moves its devices. A table of a space is a {@link
 * org.ioasis.domain.hwpt.Mirror} and follows it. {@link org.ioasis.domain.hwpt.Domains} makes and
 * finds domains.
 */
package org.ioasis.domain.hwpt;
