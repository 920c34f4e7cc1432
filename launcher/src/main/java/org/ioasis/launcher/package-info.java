/**
 * Starts the platform: an OSGi framework, the bundles of the distribution, and then a shell or one
 * command. Compiles against no bundle.
 */
package org.ioasis.launcher;
