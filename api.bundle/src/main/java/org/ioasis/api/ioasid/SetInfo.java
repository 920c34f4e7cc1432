package org.ioasis.api.ioasid;

import java.util.OptionalInt;

/**
 * A set as tools see it.
 *
 * @param sid number
 * @param token owner
 * @param parent number of the set it is within, or empty
 * @param state state
 * @param quota most ids it may have
 * @param inUse ids it has, those being freed included
 * @param childQuota part of the quota that child sets have
 */
public record SetInfo(
    int sid,
    SetToken token,
    OptionalInt parent,
    SetState state,
    int quota,
    int inUse,
    int childQuota) {}
