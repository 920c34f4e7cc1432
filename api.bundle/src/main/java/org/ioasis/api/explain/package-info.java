/**
 * Why a DMA went where it went. {@link org.ioasis.api.explain.Explainer} answers one request with
 * an {@link org.ioasis.api.explain.Explanation}: every structure that was read, as {@link
 * org.ioasis.api.explain.Step}s, the deciding check, and the result.
 */
@Export
@Version("1.0.0")
package org.ioasis.api.explain;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
