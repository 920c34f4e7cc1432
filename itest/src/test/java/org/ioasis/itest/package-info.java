/** Tests of the distribution that ships: its bundles in a framework, and its program. */
package org.ioasis.itest;
