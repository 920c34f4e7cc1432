package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * COMPLETION_WAIT, 128 bits: tells software that all commands before it have taken effect.
 * "COMPLETION_WAIT".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class CompletionWait {
  // spotless:off
  public static final Field S             = bit ("s",              0);   // store
  public static final Field I             = bit ("i",              1);   // interrupt
  public static final Field F             = bit ("f",              2);   // flush queue
  public static final Field STORE_ADDRESS = bits("StoreAddress",  51,   3);
  public static final Field STORE_DATA    = bits("StoreData",    127,  64);

  /** The command. */
  public static final Layout LAYOUT =
      Layout.of("COMPLETION_WAIT", 128,
          S, I, F, STORE_ADDRESS, STORE_DATA, Command.OPCODE)
          .inPlace(STORE_ADDRESS);
  // spotless:on

  private CompletionWait() {}

  /** Word 0 of a command that stores. */
  public static long store(long address, boolean interrupt) {
    return Command.OPCODE.of(Command.COMPLETION_WAIT)
        | S.mask()
        | (interrupt ? I.mask() : 0)
        | STORE_ADDRESS.ofInPlace(address);
  }
}
