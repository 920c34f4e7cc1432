package org.ioasis.vtd.driver;

import org.ioasis.api.driver.DeviceFacts;

/**
 * What a device may use behind its unit. ATS is for trusted devices alone, since nobody checks the
 * addresses of translated requests; page requests need ATS.
 *
 * @param ats whether it holds translations of its own
 * @param pageRequests whether it asks for pages
 * @param pasidBits width of its PASIDs, 0 for none
 */
record DeviceUse(boolean ats, boolean pageRequests, int pasidBits) {
  /** What unit and device allow together. */
  static DeviceUse of(Claims claims, DeviceFacts facts) {
    boolean ats = claims.deviceTlbs() && facts.endpoint().ats() && facts.endpoint().trusted();
    return new DeviceUse(
        ats,
        ats && claims.pageRequests() && facts.endpoint().pri(),
        Math.min(claims.pasidBits(), facts.endpoint().pasidBits()));
  }
}
