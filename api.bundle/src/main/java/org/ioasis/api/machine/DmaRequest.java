package org.ioasis.api.machine;

/**
 * One request of a device, as it crosses the fabric. The device owns the object and reuses it; the
 * unit reads the question and writes the few words that come with an answer.
 *
 * <p><b>Threading:</b> confined to the thread that has the burst open.
 */
public final class DmaRequest {
  /** No PASID; distinct from PASID 0. */
  public static final int NO_PASID = -1;

  /** Access bits: read, write, execute. An atomic access asks for read and write. */
  public static final int READ = 1, WRITE = 2, EXECUTE = 4;

  /** Rights bit in the answer beside READ, WRITE and EXECUTE: privileged accesses only. */
  public static final int PRIVILEGED_ONLY = 8;

  /**
   * More rights bits in the answer to a translation request: the device must not keep it but ask
   * untranslated; accesses need not snoop; it holds for every PASID.
   */
  public static final int UNTRANSLATED_ONLY = 16, NON_SNOOPED = 32, GLOBAL = 64;

  /** PCIe address types. */
  public static final int AT_UNTRANSLATED = 0, AT_TRANSLATION_REQUEST = 1, AT_TRANSLATED = 2;

  /** Instead of a requester: the PASID is none that a request can carry. */
  public static final long NO_REQUESTER = -1;

  private static final int PASID_INDEX_BITS = 21;

  private int sourceId;
  private int pasid = NO_PASID;
  private long requester;
  private long iova;
  private int length = 4;
  private int access = READ;
  private int addressType = AT_UNTRANSLATED;
  private boolean privileged;
  private boolean atomic;
  private boolean noWrite;
  private boolean noSnoop;
  private boolean zeroLength;
  private boolean ordinary = true;

  private int rights;
  private int faultCode;
  private long stallTag;

  /** Sets the whole common question and resets everything else to its default. */
  public DmaRequest set(int source, int pasidOrNone, long address, int bytes, int accessBits) {
    sourceId = source;
    pasid = pasidOrNone;
    iova = address;
    length = bytes;
    access = accessBits;
    addressType = AT_UNTRANSLATED;
    privileged = false;
    atomic = false;
    noWrite = false;
    noSnoop = false;
    zeroLength = false;
    ordinary = true;
    identify();
    return this;
  }

  private void identify() {
    int index = pasid + 1;
    requester =
        index >>> PASID_INDEX_BITS == 0
            ? Integer.toUnsignedLong(sourceId) << PASID_INDEX_BITS | index
            : NO_REQUESTER;
  }

  private void classify() {
    ordinary = addressType == AT_UNTRANSLATED && !privileged && !zeroLength;
  }

  /** Sets the address alone: the next access of the same kind. */
  public DmaRequest iova(long address) {
    iova = address;
    return this;
  }

  /** Sets the access bits. */
  public DmaRequest access(int accessBits) {
    access = accessBits;
    return this;
  }

  /** Sets the PASID, 0 to 2^20-1, or {@link #NO_PASID}. */
  public DmaRequest pasid(int pasidOrNone) {
    pasid = pasidOrNone;
    identify();
    return this;
  }

  /** Sets the address type. */
  public DmaRequest addressType(int type) {
    addressType = type;
    classify();
    return this;
  }

  /** Asks for privileged mode. */
  public DmaRequest privileged(boolean value) {
    privileged = value;
    classify();
    return this;
  }

  /** Marks an atomic read-modify-write; the access bits hold READ and WRITE. */
  public DmaRequest atomic(boolean value) {
    atomic = value;
    return this;
  }

  /** In a translation request: read permission suffices, do not mark dirty (ATS NW). */
  public DmaRequest noWrite(boolean value) {
    noWrite = value;
    return this;
  }

  /** Marks the transaction as not snooping caches. */
  public DmaRequest noSnoop(boolean value) {
    noSnoop = value;
    return this;
  }

  /** Marks a zero-length read. */
  public DmaRequest zeroLength(boolean value) {
    zeroLength = value;
    classify();
    return this;
  }

  /** PCI requester id (bus 15:8, device 7:3, function 2:0) or StreamID; up to 32 bits. */
  public int sourceId() {
    return sourceId;
  }

  /** PASID or SubstreamID, or {@link #NO_PASID}. */
  public int pasid() {
    return pasid;
  }

  /** Whether the request carries a PASID. */
  public boolean hasPasid() {
    return pasid != NO_PASID;
  }

  /**
   * Source id and PASID in one word, another one for every two requesters: 52:21 the source id,
   * 20:0 the PASID plus 1, 0 without. {@link #NO_REQUESTER} if the PASID has more than 20 bits. For
   * look-ups.
   */
  public long requester() {
    return requester;
  }

  /**
   * Whether nothing is special about the request but its address, access and length: untranslated,
   * unprivileged, and no zero-length read.
   */
  public boolean isOrdinary() {
    return ordinary;
  }

  /** The address the device uses; all 64 bits count. */
  public long iova() {
    return iova;
  }

  /** Bytes, 1 to 4096; the request does not cross a 4 KiB boundary. */
  public int length() {
    return length;
  }

  /** Access bits. */
  public int access() {
    return access;
  }

  /** Whether the request writes. */
  public boolean isWrite() {
    return (access & WRITE) != 0;
  }

  /** Address type. */
  public int addressType() {
    return addressType;
  }

  /** Whether privileged mode is requested. */
  public boolean isPrivileged() {
    return privileged;
  }

  /** Whether this is an atomic access. */
  public boolean isAtomic() {
    return atomic;
  }

  /** Whether a translation request forgoes write permission. */
  public boolean isNoWrite() {
    return noWrite;
  }

  /** Whether the transaction does not snoop. */
  public boolean isNoSnoop() {
    return noSnoop;
  }

  /** Whether this is a zero-length read. */
  public boolean isZeroLength() {
    return zeroLength;
  }

  /** The unit's part: what the translation allows, as access bits and {@link #PRIVILEGED_ONLY}. */
  public void granted(int rightsBits) {
    rights = rightsBits;
    faultCode = 0;
  }

  /** The unit's part: why it refused, in its specification's numbering. */
  public void refused(int code) {
    rights = 0;
    faultCode = code;
  }

  /** The unit's part: under which tag it holds the transaction. */
  public void stalled(long tag) {
    stallTag = tag;
  }

  /** Rights that came with the last answer; 0 after a refusal. */
  public int rights() {
    return rights;
  }

  /** The unit's own code of the last refusal, 0 if none or if it reports none. */
  public int faultCode() {
    return faultCode;
  }

  /** Tag of the stalled transaction after {@link Translation.Refusal#STALLED}. */
  public long stallTag() {
    return stallTag;
  }

  @Override
  public String toString() {
    return "%s%s%s source 0x%x%s iova 0x%x+%d"
        .formatted(
            (access & READ) != 0 ? "r" : "",
            (access & WRITE) != 0 ? "w" : "",
            (access & EXECUTE) != 0 ? "x" : "",
            sourceId,
            hasPasid() ? " pasid 0x%x".formatted(pasid) : "",
            iova,
            length);
  }
}
