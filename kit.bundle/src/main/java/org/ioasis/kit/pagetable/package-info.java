/**
 * Radix page tables of any vendor: {@link org.ioasis.kit.pagetable.RadixFormat} says how one entry
 * reads, {@link org.ioasis.kit.pagetable.RadixTable} goes through a table that software, friendly
 * or hostile, wrote. For tools; DMA is translated by walks made for their format.
 *
 * <p>Language: an <em>entry</em> of a table at <em>level</em> n leads to a table at level n-1 or is
 * a <em>leaf</em>; level 0 is the table of the smallest pages. An <em>IOVA</em> is what a device
 * uses, an <em>output</em> what it becomes.
 */
@Export
@Version("1.0.0")
package org.ioasis.kit.pagetable;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
