/**
 * Test support: {@link org.ioasis.testing.Requirement} ties a test to a requirement, a listener
 * records what was executed, and {@link org.ioasis.testing.RequirementsReport} makes a table of it.
 * {@link org.ioasis.testing.Between} and {@link org.ioasis.testing.WatchedMemory} stand before
 * objects under test, {@link org.ioasis.testing.NoBlocking} holds code to its promise, and {@link
 * org.ioasis.testing.Dawdle} lets threads wait for each other.
 */
package org.ioasis.testing;
