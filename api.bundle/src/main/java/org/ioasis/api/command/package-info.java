/**
 * What people and scripts type. A bundle registers {@link org.ioasis.api.command.Command}s as
 * services; the shell makes them available interactively and as one-shots, with one rule for output
 * and exit status.
 */
@Export
@Version("0.1.0")
package org.ioasis.api.command;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
