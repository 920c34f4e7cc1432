/** The platform's own work, in the shape of the floors it is compared with. */
package org.ioasis.benchmark.product;
