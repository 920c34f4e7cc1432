/**
 * What every vendor's looking glasses are built of: numbers out of rows, names as people write
 * them, structures as steps of an explanation. Pure functions.
 */
@Export
@Version("1.0.0")
package org.ioasis.kit.inspect;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
