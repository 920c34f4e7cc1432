/**
 * Commands for people. The same commands answer in the interactive Gogo shell and as a one-shot
 * from the command line; standard output carries only the answer.
 */
package org.ioasis.shell;
