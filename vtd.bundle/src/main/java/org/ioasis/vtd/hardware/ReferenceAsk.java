package org.ioasis.vtd.hardware;

import org.ioasis.api.machine.DmaRequest;

/**
 * What a request asks of the tables, in plain words, for {@link ReferenceWalker}.
 *
 * @param input the address
 * @param read needs read rights
 * @param write needs write rights, and marks pages dirty
 * @param execute needs the right to execute
 * @param privileged asked by a supervisor
 */
record ReferenceAsk(long input, boolean read, boolean write, boolean execute, boolean privileged) {
  /** Of a request that is not a translation request. */
  static ReferenceAsk of(DmaRequest request, boolean privileged, boolean zeroLengthReads) {
    boolean write = request.isWrite();
    boolean execute = (request.access() & DmaRequest.EXECUTE) != 0;
    boolean read = (request.access() & DmaRequest.READ) != 0 || execute;
    boolean nothing = request.isZeroLength() && zeroLengthReads && read && !write && !execute;
    return new ReferenceAsk(request.iova(), read && !nothing, write, execute, privileged);
  }

  /** The same for other rights. */
  ReferenceAsk rights(boolean reads, boolean writes, boolean executes) {
    return new ReferenceAsk(input, reads, writes, executes, privileged);
  }

  /** The same for an address of the next stage. */
  ReferenceAsk at(long address) {
    return new ReferenceAsk(address, read, write, execute, privileged);
  }

  /** The rights as bits. */
  int bits() {
    return (read ? Access.READ : 0) | (write ? Access.WRITE : 0) | (execute ? Access.EXECUTE : 0);
  }
}
