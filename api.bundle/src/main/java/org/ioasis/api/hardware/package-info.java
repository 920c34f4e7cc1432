/**
 * Hardware models. A vendor bundle registers a {@link org.ioasis.api.hardware.HardwareFactory}; it
 * makes {@link org.ioasis.api.hardware.HardwareUnit}s for the platform&#39;s machine or a private
 * one.
 */
@Export
@Version("1.0.0")
package org.ioasis.api.hardware;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
