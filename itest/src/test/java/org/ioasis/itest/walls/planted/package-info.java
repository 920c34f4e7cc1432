/** Small violations of the walls, one for each; the checks must find them. */
package org.ioasis.itest.walls.planted;
