/**
 * The exchange of units under load: {@link org.ioasis.domain.swap.Admission} says what stands
 * against it, {@link org.ioasis.domain.swap.Swapper} does it and reports.
 */
package org.ioasis.domain.swap;
