/** JMH benchmarks: the product beside its floors and ideals, in the same run. */
package org.ioasis.benchmarks;
