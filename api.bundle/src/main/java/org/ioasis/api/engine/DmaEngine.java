package org.ioasis.api.engine;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A device that moves bytes. The engines of the platform&#39;s machine are services with the
 * property {@value #NAME}.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
@ProviderType
public interface DmaEngine extends AutoCloseable {
  /** Service property: the name of the device, a String. */
  String NAME = "ioasis.device.name";

  /** What it is. */
  EngineSpec spec();

  /** A way to work; each belongs to one thread at a time and lives as long as the engine. */
  DmaChannel channel();

  /** A load over a range; run it in a thread of the caller&#39;s. */
  DmaLoad load(LoadSpec load);

  /**
   * Whether software has enabled ATS, page requests and PASIDs in it, in this order of bits 0-2.
   */
  int enabled();

  /**
   * Says that nothing with this PASID will come any more (PCIe stop marker).
   *
   * @return false if the unit takes no page requests
   */
  boolean stopPasid(int pasid);

  /** What it did and met so far, by name; a snapshot. */
  Map<String, Long> counters();

  /** Leaves the fabric after the grace. */
  @Override
  void close();
}
