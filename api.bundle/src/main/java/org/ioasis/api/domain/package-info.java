/**
 * Address spaces, the page tables made of them, and the exchange of units beneath. The object model
 * is that of the kernel's iommufd, whose errors and lifetimes hold where it speaks.
 *
 * <p>{@link org.ioasis.api.domain.IoasService}: an {@link org.ioasis.api.domain.AddressSpace}
 * (IOAS) is data, {@link org.ioasis.api.domain.Mapping}s of ranges to {@link
 * org.ioasis.api.domain.MemorySource}s with no hardware in them, so they survive the hardware they
 * were made on. An {@link org.ioasis.api.domain.Access} is a user inside the platform that pins and
 * copies; a {@link org.ioasis.api.domain.Translator} only asks.
 *
 * <p>{@link org.ioasis.api.domain.DomainService}: a {@link org.ioasis.api.domain.Domain} (HWPT) is
 * one hardware page table that follows a space; nested ones hold a user's tables, a {@link
 * org.ioasis.api.domain.PasidTable} a whole table of address spaces of a user's; {@link
 * org.ioasis.api.domain.VirtualIommu}s with their devices, events and queues are optional.
 *
 * <p>{@link org.ioasis.api.domain.SwapService} exchanges units under load and reports.
 *
 * <p><b>Lifetime.</b> Objects belong to the client bundle that made them and go with it, in order
 * of dependency. {@code destroy} refuses with BUSY while another object uses it. A {@link
 * org.ioasis.api.Handle} outlives the service instance that made it.
 */
@Export
@Version("1.0.0")
package org.ioasis.api.domain;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
