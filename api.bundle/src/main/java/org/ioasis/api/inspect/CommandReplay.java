package org.ioasis.api.inspect;

import java.util.List;
import org.ioasis.api.state.RegisterValue;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Gives a unit in reset state the register writes and queue commands that software once gave to
 * another one, as a capture's {@code commands} file has them, and then compares where the two
 * ended.
 *
 * <p><b>Threading:</b> belongs to one thread; no port is open for the unit.
 */
@ProviderType
public interface CommandReplay {
  /**
   * One thing that must be equal at the end.
   *
   * @param name the register or the condition, in the specification's words
   * @param agrees whether it is equal
   * @param expected what the capture says
   * @param ours what the unit says
   */
  record Check(String name, boolean agrees, String expected, String ours) {}

  /**
   * Takes the next row. A command whose place follows from a neighbour may be held until that row
   * is there.
   *
   * @param row the recorded row, numbers as NUMBER cells and hexadecimal strings as TEXT cells
   * @throws org.ioasis.api.IoasisException MALFORMED if the row states no register write and no
   *     command of this kind of unit, or a command has no place in its queue
   */
  void accept(Row row);

  /**
   * Ends the stream and compares: queue positions, what is enabled, base registers, queue errors.
   *
   * @param registers the capture's registers
   */
  List<Check> finish(List<RegisterValue> registers);
}
