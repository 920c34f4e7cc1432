/**
 * The product beside its floors and ideals, in the same run. {@link org.ioasis.benchmark.Goals}
 * runs everything and prints a table of ratios; each benchmark is an ordinary JMH benchmark too.
 *
 * <p>{@code floor} has what no product can beat: bare loads, stores and parks, written on arrays
 * and without a line of the product. {@code rig} has what both sides are measured on.
 */
package org.ioasis.benchmark;
