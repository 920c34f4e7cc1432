/** What people and scripts type about spaces, domains, devices and swaps. */
package org.ioasis.domain.command;
