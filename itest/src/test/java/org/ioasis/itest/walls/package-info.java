/**
 * The walls of the house: which part may know which. Checked in the class files and manifests that
 * ship, so that neither a build setting nor a reflection hides a hole. Every wall comes with a
 * small planted violation below {@code planted} that it must find.
 */
package org.ioasis.itest.walls;
