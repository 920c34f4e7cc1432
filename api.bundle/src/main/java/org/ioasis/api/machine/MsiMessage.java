package org.ioasis.api.machine;

/**
 * An interrupt write under way; reused by its owner, rewritten in place by a remapper.
 *
 * <p><b>Threading:</b> confined to the thread that carries it.
 */
public final class MsiMessage {
  private int sourceId;
  private long address;
  private int data;

  /** Replaces all parts and returns this. */
  public MsiMessage set(int source, long msiAddress, int msiData) {
    sourceId = source;
    address = msiAddress;
    data = msiData;
    return this;
  }

  /** Requester id or StreamID of the writer. */
  public int sourceId() {
    return sourceId;
  }

  /** Address of the write. */
  public long address() {
    return address;
  }

  /** Data of the write. */
  public int data() {
    return data;
  }

  @Override
  public String toString() {
    return "msi source 0x%x 0x%x=0x%x".formatted(sourceId, address, data);
  }
}
