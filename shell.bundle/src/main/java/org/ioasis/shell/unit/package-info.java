/** The units of the platform: those that live, and the configurations they are made from. */
package org.ioasis.shell.unit;
