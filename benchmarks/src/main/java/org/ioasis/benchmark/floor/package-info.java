/**
 * Floors and ideals: the loads, stores and parks that the work cannot do without, hand-written on
 * bare arrays. Nothing here uses the product.
 */
package org.ioasis.benchmark.floor;
