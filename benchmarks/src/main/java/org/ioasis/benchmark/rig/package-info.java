/**
 * What floors and products are measured on: footprints, address sequences, traces, tables written
 * from literal bit positions, and one machine per vendor.
 */
package org.ioasis.benchmark.rig;
