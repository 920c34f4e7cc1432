/** The commands that the platform has at this moment, whoever offers them. */
package org.ioasis.shell.board;
