/**
 * What the driver room of every vendor is built of. A driver brings its formats, its command ring
 * and its entries; this package brings what is the same for all.
 *
 * <table>
 * <caption>Map of the types</caption>
 * <tr><th>type</th><th>what it does</th><th>the vendor brings</th></tr>
 * <tr><td>{@link org.ioasis.kit.driver.TableFormat}</td><td>how entries of one kind of domain are
 *     written: pure functions and limits</td><td>one final class per format</td></tr>
 * <tr><td>{@link org.ioasis.kit.driver.PageTable}</td><td>root, linking of tables, lookup, adoption,
 *     end</td><td>nothing</td></tr>
 * <tr><td>{@link org.ioasis.kit.driver.TableBatch}</td><td>the {@code DomainBatch}: map, unmap,
 *     protect, marks of written pages, and the order of a sync</td><td>{@link
 *     org.ioasis.kit.driver.TableOwner}: commands for what was gathered, and waiting for
 *     them</td></tr>
 * <tr><td>{@link org.ioasis.kit.driver.Gather}</td><td>merged ranges, whether tables changed, page
 *     sizes, frames to free</td><td>reads it and writes commands</td></tr>
 * <tr><td>{@link org.ioasis.kit.driver.TablePages}</td><td>frames and stores, cleaned for walkers
 *     that do not snoop</td><td>nothing</td></tr>
 * <tr><td>{@link org.ioasis.kit.driver.Gate}</td><td>life-cycle calls apart from all others; fault
 *     work outside of locks</td><td>calls it first</td></tr>
 * <tr><td>{@link org.ioasis.kit.driver.UnitWait}</td><td>bounded waiting on the machine&#39;s
 *     clock</td><td>the condition</td></tr>
 * <tr><td>{@link org.ioasis.kit.driver.Passes}</td><td>reading a queue of the unit in order, one
 *     thread at a time</td><td>one pass</td></tr>
 * <tr><td>{@link org.ioasis.kit.driver.Attachments}</td><td>where a domain is attached</td><td>what a
 *     place is</td></tr>
 * <tr><td>{@link org.ioasis.kit.driver.NumberPool}</td><td>domain-ids, VMIDs, ASIDs</td><td>the
 *     range</td></tr>
 * <tr><td>{@link org.ioasis.kit.driver.EnableBits}</td><td>ATS, PRI and PASID bits of a
 *     device</td><td>what its entry allows</td></tr>
 * <tr><td>{@link org.ioasis.kit.driver.FactsCodec}</td><td>a device in a hand-over</td><td>the
 *     rest</td></tr>
 * </table>
 *
 * <p><b>A domain in five lines.</b>
 *
 * <pre>{@code
 * TablePages pages = new TablePages(environment.memory(), environment.frames(), coherent);
 * PageTable table = PageTable.empty(pages, new MyFormat(...));
 * DomainBatch batch = new TableBatch(new MyOwner(domain), gate, table);
 * batch.map(iova, address, length, rights);
 * SyncResult result = batch.sync();
 * }</pre>
 *
 * <p><b>Order that keeps "sync means gone".</b> A place is noted in {@link
 * org.ioasis.kit.driver.Attachments} (then a barrier) before an entry leads to the domain, and
 * forgotten after its translations are gone. A batch stores, makes a barrier, and then its owner
 * reads the places. So either the batch sees the place, or the unit sees the new tables.
 *
 * <p><b>Speed.</b> A batch walks down once per leaf table and then stores an arithmetic run; loops
 * over entries are in the memory, not behind an interface. Small maps pay a volatile store and a
 * load at the {@link org.ioasis.kit.driver.Gate.Door}.
 *
 * <p>Language: as in {@link org.ioasis.kit.pagetable}: level 0 is the table of the smallest pages.
 */
@Export
@Version("1.0.0")
package org.ioasis.kit.driver;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
