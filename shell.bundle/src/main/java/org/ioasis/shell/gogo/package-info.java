/**
 * The interactive shell: every command is a Gogo function of the scope {@code ioasis}. The only
 * package that needs Gogo.
 */
package org.ioasis.shell.gogo;
