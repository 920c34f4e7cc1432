/** How answers look: tables for people, JSON for programs. */
package org.ioasis.shell.text;
