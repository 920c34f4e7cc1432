/**
 * The product beside its floors and ideals, in the same run. {@link org.ioasis.benchmark.Goals}
 * runs everything and prints a table of ratios; each benchmark is an ordinary JMH benchmark too.
 *
 * <p>{@code floor} has what no product can beat: bare loads, stores and parks, written on arrays
 * and without a line of the product. {@code product} has the same work done by the platform. {@code
 * rig} builds machines, tables and traces for both. A vendor joins by a class that implements
 * {@link org.ioasis.benchmark.rig.Vendor} and a line in {@link org.ioasis.benchmark.rig.Vendors}.
 */
package org.ioasis.benchmark;
