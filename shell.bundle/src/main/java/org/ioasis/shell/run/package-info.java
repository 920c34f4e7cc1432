/** Running one command with the same rules for output, errors and exit status everywhere. */
package org.ioasis.shell.run;
