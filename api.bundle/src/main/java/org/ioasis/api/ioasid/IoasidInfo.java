package org.ioasis.api.ioasid;

import java.util.OptionalInt;

/**
 * One id of a set at the moment of a snapshot.
 *
 * @param id the number
 * @param guestId the guest's number, or empty
 * @param state its state
 * @param leases references out
 * @param bindings bindings told and not untold
 */
public record IoasidInfo(
    Pasid id, OptionalInt guestId, IoasidState state, int leases, int bindings) {}
