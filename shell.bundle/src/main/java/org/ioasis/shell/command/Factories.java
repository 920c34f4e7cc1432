package org.ioasis.shell.command;

import java.util.List;
import java.util.Optional;
import org.ioasis.api.hardware.HardwareFactory;

/**
 * The hardware models that there are.
 *
 * <p><b>Threading:</b> any thread; an answer is a snapshot.
 */
public interface Factories {
  /** All factories in order of their kinds. */
  List<HardwareFactory> all();

  /** The factory of a kind. */
  default Optional<HardwareFactory> find(String kind) {
    return all().stream().filter(factory -> factory.kind().equals(kind)).findFirst();
  }
}
