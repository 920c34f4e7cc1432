/**
 * The clients of the bundle and what they have. {@link org.ioasis.domain.client.Objects} is the one
 * table of identities that spaces, sources, domains, devices and all other objects share: handles,
 * owners, who uses whom, the order in which a client's objects go, leaks, and the hand-over to the
 * next instance of the bundle.
 */
package org.ioasis.domain.client;
