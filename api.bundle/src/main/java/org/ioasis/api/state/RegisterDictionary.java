package org.ioasis.api.state;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The registers of a kind of unit by name, for people who type them and files that name them.
 *
 * <p><b>Threading:</b> immutable.
 */
@ProviderType
public interface RegisterDictionary {
  /**
   * One register.
   *
   * @param name the specification's name
   * @param offset bytes from the start of the block
   * @param bytes width, 4 or 8
   * @param identification whether it states what the unit is, and so belongs to the profile
   * @param needed whether nothing can be translated without it
   */
  record Description(String name, long offset, int bytes, boolean identification, boolean needed) {}

  /** All registers in order of offset. */
  List<Description> all();

  /** The register with this name, case ignored, with or without a trailing {@code _REG}. */
  Optional<Description> find(String name);
}
