package org.ioasis.domain.space;

import java.util.Optional;
import org.ioasis.api.Handle;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainLimits;

/**
 * A mirror of a space: a hardware page table, whoever drives it. After {@link Space#addFollower}
 * has returned it holds exactly what the space maps, and every change of the space reaches it
 * before the change returns; removed means gone, by {@link DomainBatch#sync}.
 *
 * <p><b>Threading:</b> any thread. The space takes a batch per change and never uses one from two
 * threads at once; changes of disjoint ranges run side by side. No lock of the space is held. A
 * follower does not call the space from inside a batch.
 */
public interface Follower {
  /** For people: who narrowed what, who refused. For example {@code domain 5 (unit smmu0)}. */
  String name();

  /** The domain it is, if it is one: for {@code AddressSpace.domains} and for fault handlers. */
  Optional<Handle<Domain>> domain();

  /** What its mappings can be; does not change while it follows. */
  DomainLimits limits();

  /**
   * A batch of changes; the space calls its {@code sync} exactly once, also if nothing else, and
   * does not use it afterwards. The follower may hand it out again then.
   */
  DomainBatch batch();

  /**
   * Whether faults of its devices go to the handler of {@link #domain}, so that memory may be
   * missing until it is touched: the space then registers that handler while it follows. Without,
   * whatever is mapped is filled before it joins. False for one whose faults go to a queue of its
   * user's.
   */
  boolean faultCapable();

  /**
   * Something went wrong that only this follower can settle: a batch threw in a removal, so that
   * what it holds is unknown. It must let no request through from now on. Removal goes on.
   */
  void failed(RuntimeException cause);
}
