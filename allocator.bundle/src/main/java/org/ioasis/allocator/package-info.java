/**
 * The IOASID allocator: system-wide capacity, sets with owner and quota, references, notification
 * of an id's end.
 */
package org.ioasis.allocator;
