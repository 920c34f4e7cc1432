/** The commands of the shell itself: what the platform is made of, and how to change it. */
package org.ioasis.shell.command;
