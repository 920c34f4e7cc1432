package org.ioasis.api.fault;

/** The answer to a group. The numbers are those of the kernel's response record. */
public enum FaultResponse {
  /** The pages are there: try again. */
  SUCCESS(0),
  /** At least one page cannot be had: the request ends with an error. */
  INVALID(1),
  /** Something broke: the device's page requests must be enabled anew. */
  FAILURE(2);

  private final int code;

  FaultResponse(int code) {
    this.code = code;
  }

  /** The number on the wire; 2 is this platform's extension, the kernel's record knows 0 and 1. */
  public int code() {
    return code;
  }
}
