package org.ioasis.benchmark;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures the goals: {@code Goals [--full] [--only TEXT] [--json FILE]}. The table goes to
 * standard output, progress to standard error. A missed goal is a verdict, not a failure: the exit
 * status is 0 unless something that exists could not be measured (1) or the command line is wrong
 * (2).
 */
public final class Goals {
  private boolean full;
  private Path json;
  private String only = "";

  private Goals() {}

  /** See the class. */
  public static void main(String[] arguments) throws IOException {
    Goals goals = new Goals();
    String error = goals.parse(arguments);
    if (error != null) {
      System.err.println(error);
      System.exit(2);
    }
    System.exit(goals.run() ? 0 : 1);
  }

  /** Takes the command line; a sentence if it is wrong. */
  private String parse(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      boolean hasValue = i + 1 < arguments.length;
      if (argument.equals("--full")) {
        full = true;
      } else if (argument.equals("--json") && hasValue) {
        json = Path.of(arguments[++i]);
      } else if (argument.equals("--only") && hasValue) {
        only = arguments[++i].toLowerCase(Locale.ROOT);
      } else {
        return "unknown or incomplete option "
            + argument
            + "; usage: Goals [--full] [--only TEXT] [--json FILE]";
      }
    }
    return null;
  }

  private boolean run() throws IOException {
    // Another benchmark's lock file must not keep this one from running.
    System.setProperty("jmh.ignoreLock", "true");
    // What forked virtual machines print goes to standard output; only the answer may.
    PrintStream answer = System.out;
    System.setOut(System.err);
    Rounds rounds = new Rounds(full, System.err);
    List<Goal> measured = new ArrayList<>();
    for (GoalTable.Group group : GoalTable.groups()) {
      List<Goal> chosen = group.goals().stream().filter(this::isChosen).toList();
      rounds.run(new GoalTable.Group(group.name(), chosen));
      measured.addAll(chosen);
    }
    Report report = new Report(measured, rounds);
    answer.printf(
        "JDK %s, %d rounds, medians; ns of processor time per operation unless the item says"
            + " otherwise; what only informs is from the first round%n",
        System.getProperty("java.vm.version"), rounds.count());
    report.print(answer);
    if (json != null) {
      try (BufferedWriter out = Files.newBufferedWriter(json, StandardCharsets.UTF_8)) {
        report.writeJson(out);
      }
    }
    return !report.isBroken();
  }

  private boolean isChosen(Goal goal) {
    return goal.item().toLowerCase(Locale.ROOT).contains(only);
  }
}
