package org.ioasis.api.fault;

import java.util.Optional;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.UnrecoverableFault;

/**
 * A fault that has ended badly, labelled.
 *
 * @param unitId the unit that recorded it; empty if the device said so itself
 * @param device the bound device, or empty if nobody has bound it
 * @param label its user's label, 0 if nobody has bound it
 * @param domain the page table that was attached, or empty
 * @param fault what the driver read
 * @param meaning what the fault means, a clause in plain words
 * @param suppressed reports of this device left out before this one by the rate limit
 */
public record FaultReport(
    String unitId,
    Optional<Handle<Device>> device,
    long label,
    Optional<Handle<Domain>> domain,
    UnrecoverableFault fault,
    String meaning,
    long suppressed) {}
