package org.ioasis.api.command;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A command, registered as a service with {@value #NAME} and {@value #SUMMARY}.
 *
 * <p><b>Threading:</b> runs in the thread of the shell that was asked, possibly several at once.
 */
@ConsumerType
public interface Command {
  /** Service property: the word people type. */
  String NAME = "ioasis.command.name";

  /** Service property: one line for the list of commands. */
  String SUMMARY = "ioasis.command.summary";

  /** Exit status: success, or the answer is yes. */
  int SUCCESS = 0;

  /** Exit status: the answer is no. */
  int NO = 1;

  /** Exit status: usage error or broken input. */
  int BROKEN = 2;

  /**
   * Runs the command. A {@link org.ioasis.api.IoasisException} becomes one line on the error stream
   * and status {@link #BROKEN}.
   *
   * @param context streams and the caller's folder
   * @param arguments what follows the command's name
   * @return the exit status
   */
  int run(CommandContext context, List<String> arguments);
}
