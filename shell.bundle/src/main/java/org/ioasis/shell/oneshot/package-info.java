/** The command that the platform was started for. */
package org.ioasis.shell.oneshot;
