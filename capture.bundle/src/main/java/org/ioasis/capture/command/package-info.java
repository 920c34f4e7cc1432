/**
 * The commands that read captures, dumps and vectors: {@code replay}, {@code vectors}, {@code
 * translate}, {@code inspect}, {@code explain}, {@code export}. Thin: they parse, open, ask {@code
 * replay} and print.
 */
package org.ioasis.capture.command;
