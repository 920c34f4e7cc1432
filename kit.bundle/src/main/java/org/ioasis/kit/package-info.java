/**
 * What every vendor model is built of, free of any vendor: bit fields and structures as a
 * specification prints them, and register files made from a table. This package holds nothing
 * itself; see its sub-packages.
 */
package org.ioasis.kit;
