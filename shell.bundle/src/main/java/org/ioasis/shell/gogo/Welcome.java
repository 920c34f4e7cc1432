package org.ioasis.shell.gogo;

import java.io.Console;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;

/**
 * Greets a person and gives the session its prompt; {@code etc/gosh_profile} calls it. Where
 * standard output is no terminal there is neither, so that a script reads answers only.
 *
 * <p><b>Threading:</b> immutable.
 */
final class Welcome implements Function {
  /** The function's name. */
  static final String NAME = "welcome";

  private static final String PROMPT = "ioasis> ";

  private static final String TEXT =
      """
      Ioasis: IOMMUs as bundles. Three things to try:
        demo       see it translate and fault, with every step explained
        bundles    what the platform is made of; stop, start and update them while it runs
        units      the IOMMUs in this machine; help lists all commands, exit leaves
      """;

  @Override
  @SuppressWarnings("SystemConsoleNull") // isTerminal below covers the newer machines
  public Object execute(CommandSession session, List<Object> arguments) {
    boolean person = System.console() != null && isTerminal(System.console());
    session.put("prompt", person ? PROMPT : "");
    if (person) {
      System.err.print(TEXT);
    }
    return null;
  }

  /** From Java 22 on there is a console object even without a terminal; it can be asked. */
  private static boolean isTerminal(Console console) {
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
