/**
 * Reads and writes the files: capture folders, ELF cores, raw dumps, registers, JSON lines. Every
 * file is treated as hostile; what is wrong with one is one {@link org.ioasis.api.IoasisException}
 * that names file, place, rule and remedy.
 */
package org.ioasis.capture.file;
