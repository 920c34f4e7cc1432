package org.ioasis.capture.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.capture.file.Numbers;

/**
 * What a row asks.
 *
 * @param sourceId requester id or StreamID
 * @param pasid PASID, or {@link DmaRequest#NO_PASID}
 * @param iova the address
 * @param access access bits; 0 if the row does not know the direction
 */
public record Question(int sourceId, int pasid, long iova, int access) {
  /** The word of rows whose trace does not tell the direction. */
  private static final String UNKNOWN = "unknown";

  /**
   * Reads a row of {@code translations}, {@code qemu-oracle} or of requests.
   *
   * @throws IoasisException INVALID naming the key that is wrong
   */
  public static Question of(ObjectNode row) {
    JsonNode access = row.get("access");
    if (access == null || !access.isTextual()) {
      throw new IoasisException(
          Reason.INVALID, "'access' is missing; it is read, write or execute");
    }
    boolean known = !access.textValue().equals(UNKNOWN);
    return new Question(
        source(row.get("sid")),
        pasid(row.get("pasid")),
        Numbers.of(row.get("iova"), "iova"),
        known ? Numbers.access(access.textValue()) : 0);
  }

  private static int source(JsonNode value) {
    return value != null && value.isTextual() && !Numbers.isHex(value.textValue())
        ? Numbers.device(value.textValue())
        : Numbers.sourceId(Numbers.of(value, "sid"));
  }

  private static int pasid(JsonNode value) {
    return value == null || value.isNull()
        ? DmaRequest.NO_PASID
        : Numbers.pasid(Numbers.of(value, "pasid"));
  }

  /** Whether the row knows the direction. */
  public boolean directed() {
    return access != 0;
  }

  /** For people. */
  @Override
  public String toString() {
    return "%s sid 0x%x%s iova 0x%x"
        .formatted(
            switch (access) {
              case 0 -> "read or write";
              case DmaRequest.READ -> "read";
              case DmaRequest.WRITE -> "write";
              default -> "execute";
            },
            sourceId,
            pasid == DmaRequest.NO_PASID ? "" : " pasid 0x%x".formatted(pasid),
            iova);
  }
}
