/** Memory with a life of its own: the sources that mappings lead to. */
package org.ioasis.domain.memory;
