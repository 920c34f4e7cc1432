/**
 * What every contract shares: {@link org.ioasis.api.IoasisException} with its {@link
 * org.ioasis.api.Reason}, {@link org.ioasis.api.Blob}, the form in which vendor data crosses the
 * API, {@link org.ioasis.api.Handle}, the right to an object of a service, and {@link
 * org.ioasis.api.IovaRange}, whose ends are inclusive.
 */
@Export
@Version("1.0.0")
package org.ioasis.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
