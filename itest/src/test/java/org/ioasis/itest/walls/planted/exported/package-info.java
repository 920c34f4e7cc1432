/** An exported package without a version. */
@Export
package org.ioasis.itest.walls.planted.exported;

import org.osgi.annotation.bundle.Export;
