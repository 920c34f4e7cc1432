package org.ioasis.amdvi.hardware;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.ioasis.amdvi.format.InvalidationAddress;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.TagTree;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A fill against each kind of invalidation: software changes the table, then invalidates; a walker
 * reads the epoch, the table, and fills. What the cache holds afterwards is the new page or
 * nothing.
 */
public final class Races {
  private static final int DOMAIN = 0x42;
  private static final int PASID = 5;
  private static final long IOVA = 0x1234567000L;
  private static final int NOTHING = 0, NEW = 1, OLD = 2;

  private Races() {}

  /** What is right in every race; actors are found in the test's own class alone. */
  @Outcome(
      id = {"0", "1"},
      expect = ACCEPTABLE,
      desc = "nothing, or the new page")
  @Outcome(expect = FORBIDDEN, desc = "the old page")
  public static final class Rule {
    private Rule() {}
  }

  /** The caches and a table of one entry. */
  private static final class Stage {
    private final TranslationCaches caches =
        new TranslationCaches(new CacheGeometry(16, 16, 16, 16, 16, 16, 24));
    private final long key;
    private volatile long entry = OLD;

    Stage(int context) {
      key = TagTree.key(DOMAIN, context);
    }

    void walk() {
      long epoch = caches.epoch.current();
      int tag = caches.tags.tag(key);
      long page = entry << 12;
      caches.fill(epoch, tag, IOVA, Walked.page(page, 12, Access.READ));
    }

    void change() {
      entry = NEW;
    }

    int held() {
      int tag = caches.tags.peek(key);
      long word = tag == TagTree.NO_TAG ? 0 : caches.iotlb.lookup(tag, IOVA);
      return word == 0 ? NOTHING : (int) (CacheWord.address(word) >>> 12);
    }
  }

  /** INVALIDATE_IOMMU_PAGES of one page. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class OnePage {
    private final Stage stage = new Stage(TagTree.NO_CONTEXT);

    @Actor
    public void walker() {
      stage.walk();
    }

    @Actor
    public void software() {
      stage.change();
      stage.caches.invalidateHostPages(DOMAIN, IOVA, false);
    }

    @Arbiter
    public void look(I_Result r) {
      r.r1 = stage.held();
    }
  }

  /** INVALIDATE_IOMMU_PAGES of a whole domain: the tag dies. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class WholeDomain {
    private final Stage stage = new Stage(TagTree.NO_CONTEXT);

    @Actor
    public void walker() {
      stage.walk();
    }

    @Actor
    public void software() {
      stage.change();
      stage.caches.invalidateHostPages(DOMAIN, InvalidationAddress.ALL, true);
    }

    @Arbiter
    public void look(I_Result r) {
      r.r1 = stage.held();
    }
  }

  /** INVALIDATE_IOMMU_PAGES of a PASID. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class WholePasid {
    private final Stage stage = new Stage(PASID);

    @Actor
    public void walker() {
      stage.walk();
    }

    @Actor
    public void software() {
      stage.change();
      stage.caches.invalidateGuestPages(DOMAIN, PASID, InvalidationAddress.ALL, true);
    }

    @Arbiter
    public void look(I_Result r) {
      r.r1 = stage.held();
    }
  }

  /** INVALIDATE_IOMMU_ALL. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class Everything {
    private final Stage stage = new Stage(TagTree.NO_CONTEXT);

    @Actor
    public void walker() {
      stage.walk();
    }

    @Actor
    public void software() {
      stage.change();
      stage.caches.invalidateAll();
    }

    @Arbiter
    public void look(I_Result r) {
      r.r1 = stage.held();
    }
  }
}
