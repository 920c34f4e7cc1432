package org.ioasis.shell.run;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Runs one command. Whatever it throws becomes one line on the error stream and status {@link
 * Command#BROKEN}:
 *
 * <ul>
 *   <li>{@link IoasisException}: its message, for it says rule, value, place and remedy;
 *   <li>a usage error: the message, and a second line with the usage;
 *   <li>anything else is a defect of ours, and the line says so and how to report it.
 * </ul>
 *
 * <p>A stack trace follows only where {@value #STACKTRACE} stands among the arguments, from which
 * it is taken, or the platform's property asks for it. Output is flushed before the return; output
 * that could not be written is an error too.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class CommandRunner {
  /** The argument that asks for stack traces, understood by every command. */
  public static final String STACKTRACE = "--stacktrace";

  /** Framework property: {@code true} asks for stack traces of all commands. */
  public static final String STACKTRACE_PROPERTY = "ioasis.stacktrace";

  private static final String END_OF_OPTIONS = "--";
  private static final String PREFIX = "ioasis: ";

  private final boolean stackTraces;

  /**
   * @param stackTraces whether every error comes with its stack trace
   */
  public CommandRunner(boolean stackTraces) {
    this.stackTraces = stackTraces;
  }

  /**
   * Runs the command; never throws.
   *
   * @param name the word that people typed
   * @return the exit status
   */
  public int run(String name, Command command, CommandContext context, List<String> arguments) {
    List<String> rest = new ArrayList<>(arguments);
    boolean trace = takeStackTrace(rest) || stackTraces;
    int status;
    try {
      status = command.run(context, List.copyOf(rest));
    } catch (Throwable thrown) {
      context.out().flush();
      report(name, thrown, context);
      if (trace) {
        thrown.printStackTrace(context.err());
      }
      status = Command.BROKEN;
    }
    return flush(name, context, status);
  }

  private static boolean takeStackTrace(List<String> arguments) {
    int end = arguments.indexOf(END_OF_OPTIONS);
    List<String> options = end < 0 ? arguments : arguments.subList(0, end);
    return options.removeIf(STACKTRACE::equals);
  }

  private static void report(String name, Throwable thrown, CommandContext context) {
    if (thrown instanceof IoasisException refused) {
      context.err().println(PREFIX + name + ": " + oneLine(refused.getMessage()));
    } else if (thrown instanceof ParameterException usage) {
      context.err().println(PREFIX + name + ": " + oneLine(usage.getMessage()));
      context.err().println(usage(usage.getCommandLine()));
    } else {
      context.err().println(PREFIX + name + ": " + defect(thrown));
    }
  }

  /** The usage of a command in one line. */
  static String usage(CommandLine line) {
    return "usage: " + oneLine(line.getHelp().synopsis(0));
  }

  private static String defect(Throwable thrown) {
    StackTraceElement[] trace = thrown.getStackTrace();
    String place = trace.length == 0 ? "" : " at " + trace[0];
    String message = thrown.getMessage() == null ? "" : ": " + oneLine(thrown.getMessage());
    return "a defect of Ioasis, not of your input: "
        + thrown.getClass().getName()
        + message
        + place
        + "; run it again with "
        + STACKTRACE
        + " and report what it prints";
  }

  private static int flush(String name, CommandContext context, int status) {
    boolean lost = context.out().checkError();
    if (lost) {
      context.err().println(PREFIX + name + ": the answer could not be written completely");
    }
    context.err().flush();
    return lost ? Command.BROKEN : status;
  }

  private static String oneLine(String text) {
    return text == null ? "refused" : text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
