/**
 * Bringing state in and out. {@link org.ioasis.api.state.UnitState} is the versioned container with
 * its {@link org.ioasis.api.state.Section}s, {@link org.ioasis.api.state.StatePort} a unit&#39;s
 * side, {@link org.ioasis.api.state.RegisterDictionary} the names that people and files use.
 */
@Export
@Version("1.0.0")
package org.ioasis.api.state;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
