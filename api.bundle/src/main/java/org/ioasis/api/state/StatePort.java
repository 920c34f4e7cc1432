package org.ioasis.api.state;

import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A unit's state, in and out.
 *
 * <p><b>Threading:</b> importing and exporting while no port is open for the unit and none of its
 * work is pending; {@link #dropCaches} any time.
 */
@ProviderType
public interface StatePort {
  /**
   * Replaces the unit's state. Every register is set verbatim, read-only ones included; latched
   * pointers become active; nothing is executed; sections that are absent start empty.
   *
   * @throws org.ioasis.api.IoasisException MALFORMED if a section does not fit this model; INVALID
   *     if the kind is another one; NOT_FOUND naming the registers without which nothing can be
   *     translated
   */
  void importState(UnitState state);

  /** The unit's state with the wanted sections, as far as they exist. */
  UnitState exportState(Set<Section> wanted);

  /** Empties every cache, as after an import. */
  void dropCaches();
}
