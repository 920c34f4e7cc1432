/** Forwards the OSGi log, where component runtime and framework report, to SLF4J. */
package org.ioasis.shell.log;
