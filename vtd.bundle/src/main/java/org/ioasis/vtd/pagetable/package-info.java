/**
 * Radix page tables of any vendor: {@link org.ioasis.vtd.pagetable.RadixFormat} says how one entry
 * reads, {@link org.ioasis.vtd.pagetable.RadixTable} goes through a table that software, friendly
 * or hostile, wrote. For tools; DMA is translated by walks made for their format.
 *
 * <p>Language: an <em>entry</em> of a table at <em>level</em> n leads to a table at level n-1 or is
 * a <em>leaf</em>; level 0 is the table of the smallest pages. An <em>IOVA</em> is what a device
 * uses, an <em>output</em> what it becomes.
 */
package org.ioasis.vtd.pagetable;
