/**
 * Test support: {@link org.ioasis.testing.Requirement} ties a test to a requirement, a listener
 * records what was executed, and {@link org.ioasis.testing.RequirementsReport} makes a table of it.
 */
package org.ioasis.testing;
