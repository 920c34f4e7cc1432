/**
 * Page-fault routing: hardware queue to driver to router to the handler of the page table, and the
 * answer back.
 */
package org.ioasis.iopf;
