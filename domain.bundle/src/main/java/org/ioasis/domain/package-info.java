/**
 * Address spaces (mappings as data), domains (hardware page tables that follow an address space)
 * and devices attached to them; leases on memory sources; hot swap of a unit.
 */
package org.ioasis.domain;
