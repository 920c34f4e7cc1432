package org.ioasis.api.domain;

import org.ioasis.api.Reason;

/**
 * Why something would not survive a swap.
 *
 * @param what the space, domain, device or PASID
 * @param reason as the refused call would have it
 * @param message rule, value, place and remedy
 */
public record SwapObjection(String what, Reason reason, String message) {}
