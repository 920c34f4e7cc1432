package org.ioasis.api.inspect;

import java.util.Optional;
import java.util.OptionalInt;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.memory.PhysicalMemory;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The vendor's dialect of capture and vector files: the names of faults, the named hardware
 * configurations, what a test bench reads from the unit after a request, and when two outcomes
 * agree. Tools that read such files know no vendor; they ask here.
 *
 * <p><b>Threading:</b> any thread; a {@link Bench} belongs to one thread.
 */
@ProviderType
public interface AnswerFormat {
  /** A test bench beside one unit: it reads records as software would and acknowledges them. */
  @ProviderType
  interface Bench {
    /** Forgets what was recorded before the first request. */
    void start();

    /**
     * What became of a request: the neutral answer, by looking at what the unit recorded.
     *
     * @param request the request, holding the rights or the code of the refusal
     * @param translation the packed answer
     */
    Answer answer(DmaRequest request, long translation);

    /**
     * The last answer as a vector file's {@code out} object: {@code class}, and what this vendor
     * states with it. A list of records is a ROWS cell of rows that have one WORDS cell {@code
     * words} each. Valid after {@link #answer}.
     */
    Row outcome();
  }

  /** The specification's name of a fault code, for example {@code LGN.2}; never null. */
  String faultName(int code);

  /** What the fault means, a clause in plain words; never null. */
  String faultMeaning(int code);

  /** The profile behind a {@code cfg} name of a vector file, with the RAM of its machine. */
  Optional<Profile> configuration(String name);

  /** A bench for a unit. */
  Bench bench(Mmio mmio, PhysicalMemory memory);

  /**
   * Whether an answer agrees with a capture's row ({@code translations} or {@code qemu-oracle}).
   *
   * @param row the recorded row, numbers as NUMBER cells and hexadecimal strings as TEXT cells
   * @param ours our answer to the same question
   * @param unit {@link Inspector#unit} of the unit, for rules that depend on its mode
   */
  boolean agreesWithCapture(Row row, Answer ours, Row unit);

  /**
   * Whether a capture's row that states a direction means it. If not, the row is asked in both
   * directions and agrees if either answer does.
   */
  default boolean directionMatters(Row row) {
    return true;
  }

  /**
   * Who sent the interrupt of a row of a capture's {@code interrupts} file. Such a row has the
   * write of a device, {@code addr} and {@code data}, and what it became, {@code out_addr} and
   * {@code out_data}; the sender follows from what else this vendor's rows state.
   *
   * @return the source id; empty if rows of this kind cannot be asked again
   */
  default OptionalInt interruptSource(Row row) {
    return OptionalInt.empty();
  }

  /**
   * Whether an outcome agrees with a vector's {@code out}, by the scoring rules of the vectors.
   *
   * @param step the whole step, its {@code out} a ROWS cell of one row
   * @param ours what {@link Bench#outcome} gave
   */
  boolean agreesWithVector(Row step, Row ours);

  /**
   * Whether a vector's step that deviates spoils what follows in the same vector, because this
   * vendor's unit keeps a trace of it in what is compared.
   */
  default boolean deviationsLast() {
    return false;
  }

  /** A replay of recorded commands for a unit in reset state; empty if this kind has none. */
  default Optional<CommandReplay> commandReplay(Mmio mmio, PhysicalMemory memory) {
    return Optional.empty();
  }
}
