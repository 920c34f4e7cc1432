/**
 * Looking into a unit without disturbing it. {@link org.ioasis.api.inspect.Inspector} lists
 * devices, domains, mappings and reachable pages as ordered {@link org.ioasis.api.inspect.Row}s;
 * {@link org.ioasis.api.inspect.AnswerFormat} is the vendor dialect of captures and vectors: how an
 * outcome is written down and when two agree.
 */
@Export
@Version("1.1.0")
package org.ioasis.api.inspect;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
