package org.ioasis.api.domain;

import java.util.Optional;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.ioasid.Pasid;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A whole table of address spaces by PASID that a user keeps in his own memory and format: what an
 * attachment without a PASID can lead to. Its faults go to the domain it came with.
 *
 * <p><b>Threading:</b> any thread; each call reads the user's memory afresh.
 */
@ProviderType
public interface PasidTable {
  /** The nested domain that holds it. */
  Handle<Domain> domain();

  /** Format and place, as the user gave them. */
  Blob data();

  /**
   * What the table says for a PASID, in the vendor's words: present or not, root, mode.
   *
   * @return empty if the table has no place for it or cannot be read
   */
  Optional<Row> entry(Pasid pasid);
}
