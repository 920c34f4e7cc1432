package org.ioasis.api.driver;

import java.util.Objects;

/**
 * A PASID that cannot be used beside an attachment, because requests without a PASID go through its
 * place in the tables.
 *
 * @param pasid the PASID, often 0
 * @param cause what takes it
 */
public record PasidReservation(int pasid, Cause cause) {
  /** What takes a PASID. */
  public enum Cause {
    /** VT-d scalable mode: RID_PASID stands for requests without one. */
    RID_PASID,
    /** SMMUv3: context descriptor 0 serves requests without a SubstreamID. */
    SUBSTREAM_0,
    /** AMD-Vi: the first guest CR3 serves requests without a PASID. */
    GCR3_0,
    /** A newcomer's own; the driver's documentation says which. */
    OTHER
  }

  /** A reservation has a cause. */
  public PasidReservation {
    Objects.requireNonNull(cause, "cause");
  }
}
