package org.ioasis.shell.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.shell.command.Factories;
import org.ioasis.shell.demo.Script.Replay;
import org.ioasis.shell.demo.Script.Story;
import org.ioasis.shell.text.Json;

/**
 * The acts with captures: all recorded answers asked again, and single requests explained. What
 * needs hardware that no running bundle models is set apart and said.
 *
 * @param script what to show
 * @param factories the hardware models
 * @param running the vendors whose bundles run
 */
record CaptureAct(Script script, Factories factories, Set<String> running) {
  private static final String REPLAY = "replay";
  private static final String EXPLAIN = "explain";

  /** Replays every capture. */
  void replays(Stage stage) {
    stage.heading(
        "What a kernel wrote, asked again",
        "Linux built these tables, QEMU answered for them; every row is compared with our answer.");
    for (Replay replay : script.replays()) {
      String name = replay.capture().getFileName().toString();
      if (!skipped(stage, name, replay.kind())) {
        replay(stage, name, replay);
      }
      stage.flush();
    }
  }

  private static void replay(Stage stage, String name, Replay replay) {
    try {
      String text = stage.answer(REPLAY, List.of(replay.capture().toString(), "--json"));
      JsonNode answer = Json.read("the answer of " + REPLAY, text);
      stage.tally().add(answer);
      long passed = answer.path("passed").asLong();
      long failed = answer.path("failed").asLong();
      stage.tally().check(REPLAY, passed + failed > 0, name, "nothing was checked");
      String outcome =
          failed == 0
              ? "%,6d answers agree".formatted(passed)
              : "%,d of %,d answers differ".formatted(failed, passed + failed);
      stage.out().println("  %-20s %s   %s".formatted(name, outcome, replay.about()));
    } catch (IoasisException e) {
      stage.tally().check(REPLAY, false, name, e.getMessage());
      stage.out().println("  %-20s failed: %s".formatted(name, e.getMessage()));
    }
  }

  /** Explains every request of the script. */
  void stories(Stage stage) {
    for (Story story : script.stories()) {
      stage.heading(story.title(), story.about());
      if (!skipped(stage, story.capture().getFileName().toString(), story.kind())) {
        story(stage, story);
      }
      stage.flush();
    }
  }

  private static void story(Stage stage, Story story) {
    List<String> arguments = new ArrayList<>(List.of(story.capture().toString()));
    arguments.addAll(story.arguments());
    stage
        .out()
        .println(
            "$ ./ioasis %s %s %s"
                .formatted(
                    EXPLAIN, stage.typed(story.capture()), String.join(" ", story.arguments())));
    try {
      List<String> lines = stage.answer(EXPLAIN, arguments).lines().toList();
      lines.forEach(line -> StoryLines.of(line).forEach(stage.out()::println));
      check(stage, story, lines);
    } catch (IoasisException e) {
      stage.tally().check(EXPLAIN, false, story.title(), e.getMessage());
      stage.out().println("  failed: " + e.getMessage());
    }
  }

  private static void check(Stage stage, Story story, List<String> lines) {
    long structures = lines.stream().filter(line -> line.matches("[0-9]+\\. .*")).count();
    String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    String expected = "result: " + story.result();
    if (!stage.tally().check(EXPLAIN, last.startsWith(expected), story.title(), last)) {
      stage.out().println("  recorded is: " + expected);
    }
    if (!stage
        .tally()
        .check(EXPLAIN, structures == story.structures(), story.title(), structures + " steps")) {
      stage
          .out()
          .println("  the tables have %d structures on the way".formatted(story.structures()));
    }
  }

  /** A kind whose bundle runs must be modelled; one that was not started is no failure. */
  private boolean skipped(Stage stage, String name, String kind) {
    if (factories.find(kind).isPresent()) {
      return false;
    }
    if (running.contains(kind)) {
      String message = "the bundle for %s runs but offers no hardware model".formatted(kind);
      stage.tally().check("captures", false, name, message);
      stage.out().println("  %-20s failed: %s".formatted(name, message));
    } else {
      stage.tally().setApart();
      stage
          .out()
          .println(
              "  %-20s skipped: it needs --vendors=%s, which does not run".formatted(name, kind));
    }
    return true;
  }
}
