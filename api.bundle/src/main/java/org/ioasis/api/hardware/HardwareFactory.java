package org.ioasis.api.hardware;

import java.util.List;
import java.util.function.Consumer;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.state.RegisterDictionary;
import org.ioasis.api.state.RegisterValue;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Makes units of one kind. Registered as a service with the property {@value #KIND}.
 *
 * <p><b>Threading:</b> any thread.
 */
@ProviderType
public interface HardwareFactory {
  /** Service property: the kind, for example {@code vtd}. */
  String KIND = "ioasis.kind";

  /** The kind: {@code vtd}, {@code smmuv3}, {@code amdvi}, or a newcomer's. */
  String kind();

  /** Ready-made profiles, the default first. They claim only what is modelled. */
  List<Profile> profiles();

  /**
   * The profile that a unit with these registers has: its identification registers verbatim,
   * defaults for those not given.
   *
   * @param remarks told, a sentence each, what the registers claim and the model does not do, and
   *     what was assumed
   */
  Profile profileOf(List<RegisterValue> registers, Consumer<String> remarks);

  /**
   * Makes a unit in reset state.
   *
   * @throws org.ioasis.api.IoasisException UNSUPPORTED or INVALID if the profile is of another kind
   *     or contradicts itself
   */
  HardwareUnit create(UnitEnvironment environment, Profile profile);

  /**
   * Width of the source ids that units of this kind see, 1 to 32: a larger one names no device of
   * theirs. A tool that is given one says so instead of asking about another device.
   */
  default int sourceIdBits() {
    return Integer.SIZE;
  }

  /** The registers of this kind by name, at the places a default profile has them. */
  RegisterDictionary registers();

  /** The dialect of captures and vectors. */
  AnswerFormat answers();
}
