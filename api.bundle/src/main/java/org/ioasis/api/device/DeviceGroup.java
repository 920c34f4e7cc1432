package org.ioasis.api.device;

import java.util.List;

/**
 * Devices that are attached together or not at all, because the hardware cannot tell their requests
 * apart or lets them reach each other.
 *
 * @param id number of the group
 * @param members names of the devices
 * @param why what ties them; empty for a group of one
 */
public record DeviceGroup(int id, List<String> members, String why) {
  /** Copies the list. */
  public DeviceGroup {
    members = List.copyOf(members);
  }
}
