package org.ioasis.domain.device;

import org.ioasis.domain.hwpt.Viommus;

/**
 * The parts that a bound device speaks to.
 *
 * @param devices all devices
 * @param attaching attaches and detaches
 * @param sharing shares and maps
 * @param tenants observers and coherence
 * @param viommus virtual IOMMUs
 */
record Services(
    Devices devices, Attaching attaching, Sharing sharing, Tenants tenants, Viommus viommus) {}
