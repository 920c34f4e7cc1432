package org.ioasis.kit.driver;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.machine.EndpointSpec;

/**
 * What a driver&#39;s hand-over says of a device, as bytes in the buffer&#39;s order.
 *
 * <pre>
 *  u32 length, name in UTF-8 | u32 source id | u8 abilities | u8 PASID bits | u32 count, u32 alias ...
 *  abilities: 1 trusted, 2 ATS, 4 page requests, 8 stalls, 16 may not snoop
 * </pre>
 *
 * <p><b>Threading:</b> pure functions.
 */
public final class FactsCodec {
  private static final int TRUSTED = 1, ATS = 2, PRI = 4, STALL = 8, NO_SNOOP = 16;
  private static final int FIXED = 14, WORST_BYTES_PER_CHAR = 3;

  private FactsCodec() {}

  /** No fewer bytes than {@link #write} takes. */
  public static int bytes(DeviceFacts facts) {
    return FIXED
        + WORST_BYTES_PER_CHAR * facts.endpoint().name().length()
        + Integer.BYTES * facts.aliases().size();
  }

  /** Appends a device. */
  public static void write(DeviceFacts facts, ByteBuffer out) {
    EndpointSpec endpoint = facts.endpoint();
    byte[] name = endpoint.name().getBytes(StandardCharsets.UTF_8);
    int abilities =
        (endpoint.trusted() ? TRUSTED : 0)
            | (endpoint.ats() ? ATS : 0)
            | (endpoint.pri() ? PRI : 0)
            | (endpoint.stall() ? STALL : 0)
            | (facts.mayNotSnoop() ? NO_SNOOP : 0);
    out.putInt(name.length).put(name).putInt(endpoint.sourceId());
    out.put((byte) abilities).put((byte) endpoint.pasidBits()).putInt(facts.aliases().size());
    facts.aliases().forEach(out::putInt);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if a length or a width is impossible
   * @throws java.nio.BufferUnderflowException if it ends early
   */
  public static DeviceFacts read(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("name of " + length + " bytes");
    }
    byte[] name = new byte[length];
    in.get(name);
    int sourceId = in.getInt();
    int abilities = in.get();
    EndpointSpec endpoint =
        new EndpointSpec(
            new String(name, StandardCharsets.UTF_8),
            sourceId,
            (abilities & TRUSTED) != 0,
            (abilities & ATS) != 0,
            (abilities & PRI) != 0,
            (abilities & STALL) != 0,
            in.get());
    List<Integer> aliases = new ArrayList<>();
    for (int left = in.getInt(); left > 0; left--) {
      aliases.add(in.getInt());
    }
    return new DeviceFacts(endpoint, aliases, (abilities & NO_SNOOP) != 0);
  }
}
