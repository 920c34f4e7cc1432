package org.ioasis.vtd.hardware;

import org.ioasis.kit.cache.ConfigurationCache;
import org.ioasis.kit.cache.TagTree;

/**
 * What a source id, or a source id and a PASID, translates with: the decoded context-entry of
 * legacy mode, or the decoded PASID table entry. Immutable; one is made when the structures have
 * been read.
 */
final class Target extends ConfigurationCache.Entry {
  /** The walk of its tables; null for pass-through. */
  final StageWalk walk;

  /** Address of the top table. */
  final long root;

  /** Inputs are below 2^width; first stage: canonical in that width. */
  final int width;

  /** Domain-id. */
  final int domain;

  /** PASID, -1 in legacy mode. */
  final int pasid;

  /** Execute requests are allowed. */
  final boolean executes;

  /** Supervisor requests are allowed. */
  final boolean supervises;

  /** Key of the tag of its translations: the domain; domain and PASID if there is a first stage. */
  final long tagKey;

  /** Not 0: the PASID entry is refused for this reason; nothing else counts then. */
  final int refusal;

  /** FPD of the entries that were read. */
  final boolean faultProcessingDisabled;

  /** Quadwords 0 to 2 of the entry it was made of, to tell a stale one from memory. */
  final long word0, word1, word2;

  /** What a target is made of; fields as in {@link Target}. */
  record Tables(
      StageWalk walk,
      long root,
      int width,
      boolean taggedByPasid,
      boolean executes,
      boolean supervises) {}

  /** A refused PASID entry, for a unit that keeps refusals. */
  Target(long key, int pasid, int refusal) {
    super(key);
    this.walk = null;
    this.root = 0;
    this.width = 0;
    this.domain = 0;
    this.pasid = pasid;
    this.executes = false;
    this.supervises = false;
    this.tagKey = TagTree.key(0, TagTree.NO_CONTEXT);
    this.refusal = refusal;
    this.faultProcessingDisabled = false;
    this.word0 = 0;
    this.word1 = 0;
    this.word2 = 0;
  }

  Target(long key, int domain, int pasid, Tables tables, boolean quiet, long... words) {
    super(key);
    this.walk = tables.walk();
    this.root = tables.root();
    this.width = tables.width();
    this.domain = domain;
    this.pasid = pasid;
    this.executes = tables.executes();
    this.supervises = tables.supervises();
    this.tagKey = TagTree.key(domain, tables.taggedByPasid() ? pasid : TagTree.NO_CONTEXT);
    this.refusal = 0;
    this.faultProcessingDisabled = quiet;
    this.word0 = words[0];
    this.word1 = words[1];
    this.word2 = words.length > 2 ? words[2] : 0;
  }

  /** Key of a PASID-cache entry. */
  static long pasidKey(int sourceId, int pasid) {
    return (long) (sourceId & 0xFFFF) << 20 | pasid;
  }
}
