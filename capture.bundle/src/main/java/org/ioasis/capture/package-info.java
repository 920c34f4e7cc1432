/**
 * Files in and out: capture folders, vector files, ELF cores and raw memory dumps. Knows no vendor:
 * what is specific to one comes through the inspect, explain and state contracts.
 */
package org.ioasis.capture;
