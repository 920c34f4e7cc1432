package org.ioasis.api.ioasid;

/**
 * The allocator's books at one moment. {@code quotas + unassigned} is always {@code total}.
 *
 * @param total ids there are
 * @param quotas sum of the quotas of all top-level sets
 * @param unassigned what no set has
 * @param inUse ids handed out and not reclaimed
 */
public record Capacity(int total, int quotas, int unassigned, int inUse) {}
