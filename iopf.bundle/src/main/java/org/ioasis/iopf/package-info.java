/**
 * Page-fault routing as a bundle: the component with its services, the threads that deliver, the
 * command {@code faults}, and the records for log and flight recorder. The router itself is in
 * {@code core}.
 */
package org.ioasis.iopf;
