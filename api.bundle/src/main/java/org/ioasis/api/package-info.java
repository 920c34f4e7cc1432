/**
 * The contracts of Ioasis. This package holds nothing itself; the contracts are its sub-
 * packages, each with a semantic version of its own, so that one can settle while another is
 * still a draft.
 *
 * <p>Vendor data crosses these contracts as typed bytes and never as a vendor's Java type, and
 * nothing here has an implementation.
 */
package org.ioasis.api;
