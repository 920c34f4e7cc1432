package org.ioasis.api.ioasid;

/**
 * The allocator's books at one moment. {@code quotas + unassigned} is always {@code total}.
 *
 * @param total numbers there are: 0 to total - 1
 * @param quotas sum of the quotas of all top-level sets
 * @param unassigned what no set has, reserved numbers included
 * @param reserved numbers that are never handed out (0); no quota can be made of them
 * @param inUse ids handed out and not reclaimed
 */
public record Capacity(int total, int quotas, int unassigned, int reserved, int inUse) {}
