package org.ioasis.capture.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.capture.replay.Laboratory;
import org.ioasis.capture.toy.ToyFactory;
import org.ioasis.machine.DefaultMachineFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorsCommandTest {
  private static final String VECTOR =
      """
      {"id":"t-1","vendor":"toy","cfg":"plain","mut":[],"mem":{"1018":"2001","2000":"7003"},\
      "steps":[{"op":"mmio","w":[["8",8,"1000"],["10",4,"1"]]},\
      {"op":"mmio_r","r":[["8",8],["10",4]],"out":["1000","1"]},\
      {"op":"dma","sid":"3","iova":"8","dir":"R","len":4,"out":{"class":"ok","pa":"7008"}},\
      {"op":"dma","sid":"3","iova":"1008","dir":"W","len":4,"out":{"class":"fault","reason":"2"}},\
      {"op":"mem_r","r":["2000"],"out":["7007"]},\
      {"op":"mem","w":{"2008":"8001"}},\
      {"op":"dma","sid":"3","iova":"1010","dir":"R","len":4,"out":{"class":"ok","pa":"8010"}}],\
      "mem_after":{"2000":"7007","2008":"8005"},"qemu":"11","dev":[]}""";

  @TempDir Path folder;

  private Laboratory laboratory = ToyCapture.laboratory();
  private Console console;

  private int run(String content, String... options) throws IOException {
    Files.writeString(folder.resolve("v.jsonl"), content);
    console = new Console(folder);
    String[] arguments = java.util.Arrays.copyOf(options, options.length + 1);
    arguments[options.length] = "v.jsonl";
    return console.run(new VectorsCommand(laboratory), arguments);
  }

  @Test
  void everyKindOfCheckIsCounted() throws IOException {
    assertThat(run(VECTOR)).isZero();
    assertThat(console.text())
        .isEqualTo("fault: 1\nmem_after: 1\nmem_r: 1\nmmio_r: 1\nok: 2\n6 passed, 0 failed\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "pa":"7008"          | "pa":"7000"          | step 2: read sid 0x3 iova 0x8: recorded {"class":"ok","pa":"7000"}, ours {"class":"ok","pa":"7008"}
          "reason":"2"         | "reason":"3"         | step 3: write sid 0x3 iova 0x1008
          "out":["1000","1"]   | "out":["1000","0"]   | step 1: mmio_r: recorded ["1000","0"], ours ["1000","1"]
          "out":["1000","1"]   | "out":["1000"]       | step 1: mmio_r
          "out":["7007"]       | "out":["7003"]       | step 4: mem_r: recorded ["7003"], ours ["7007"]
          {"2000":"7007",      | {                    | t-1: memory after the steps: recorded {"2008":"8005"}, ours {"2000":"7007","2008":"8005"}
          """)
  void everyKindOfCheckCanFail(String good, String bad, String message) throws IOException {
    assertThat(VECTOR).contains(good);
    assertThat(run(VECTOR.replace(good, bad))).isEqualTo(1);
    assertThat(console.lines().get(0)).contains(message);
    assertThat(console.lastLine()).isEqualTo("5 passed, 1 failed");
  }

  @Test
  void deviationsAreSetApart() throws IOException {
    String deviating =
        VECTOR.replace(
            "\"out\":{\"class\":\"fault\",\"reason\":\"2\"}",
            "\"out\":{\"class\":\"blocked\"},\"dev\":\"T-x\"");
    assertThat(run(deviating)).isZero();
    assertThat(console.lastLine()).isEqualTo("5 passed, 0 failed, 1 set apart");
    laboratory = new Workbench(new DefaultMachineFactory(), List.of(new ToyFactory(true)));
    assertThat(run(deviating, "--json")).isZero();
    assertThat(console.json().get("passed").intValue()).isEqualTo(2);
    assertThat(console.json().get("setApart").intValue()).isEqualTo(4);
  }

  @Test
  void onlyTheFirstTwentyMismatchesAreShownUnlessAll() throws IOException {
    String wrong = (VECTOR.replace("\"7008\"", "\"1\"") + "\n").repeat(25);
    assertThat(run(wrong)).isEqualTo(1);
    assertThat(console.lines().stream().filter(line -> line.contains("recorded"))).hasSize(20);
    assertThat(console.lastLine()).isEqualTo("125 passed, 25 failed");
    assertThat(console.errors()).contains("5 more mismatches");
    assertThat(run(wrong, "--all")).isEqualTo(1);
    assertThat(console.lines().stream().filter(line -> line.contains("recorded"))).hasSize(25);
    run(wrong, "--json");
    assertThat(console.json().get("mismatches")).hasSize(20);
    run(wrong, "--json", "--all");
    assertThat(console.json().get("mismatches")).hasSize(25);
  }

  @Test
  void vectorsWithoutOutcomesAreAnsweredAndThenAgree() throws IOException {
    String bare = VECTOR.replaceAll(",\"out\":(\\{[^}]*\\}|\\[[^]]*\\])", "");
    bare = bare.replaceAll(",\"mem_after\":\\{[^}]*\\}", "");
    assertThat(bare).doesNotContain("out").doesNotContain("mem_after");
    assertThat(run(bare)).isEqualTo(2);
    assertThat(console.lastLine()).isEqualTo("0 passed, 0 failed");
    assertThat(run(bare, "--answer")).isZero();
    String answered = console.text();
    assertThat(answered)
        .endsWith("\"dev\":[],\"mem_after\":{\"2000\":\"7007\",\"2008\":\"8005\"}}\n");
    assertThat(run(answered)).isZero();
    assertThat(console.lastLine()).isEqualTo("6 passed, 0 failed");
  }

  @Test
  void answeringReplacesWhatWasThereAndKeepsTheRest() throws IOException {
    assertThat(run(VECTOR.replace("\"7008\"", "\"1\""), "--answer")).isZero();
    assertThat(console.text()).isEqualTo(VECTOR + "\n");
  }

  @Test
  void vectorsShareNothing() throws IOException {
    String second = VECTOR.replace("\"mem\":{\"1018\":\"2001\",", "\"mem\":{");
    assertThat(run(VECTOR + "\n" + second, "--answer")).isZero();
    assertThat(console.lines().get(1))
        .contains("\"reason\":\"1\"")
        .doesNotContain("\"class\":\"ok\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "vendor":"toy"    | "vendor":"other"   | no bundle here models hardware of kind 'other'
          "vendor":"toy"    | "vendor":3         | 'vendor' must be a string
          "cfg":"plain"     | "cfg":"odd"        | configuration 'odd' of toy is unknown
          {"1018"           | {"40000000"        | memory word at 0x40000000 is outside RAM
          {"1018"           | {"101c"            | address 0x101c is not a multiple of 8
          {"1018"           | {"xyz"             | 'xyz' is not a hexadecimal number
          "op":"mem_r"      | "op":"jump"        | step 4: unknown op 'jump'
          ["8",8,"1000"]    | ["8",2,"1000"]     | step 0: a register access has 4 or 8 bytes, not 2
          ["8",8,"1000"]    | ["8",8]            | step 0: each of 'w' must have 3 elements
          "dir":"W"         | "dir":"Q"          | step 3: access 'Q' is none of
          "sid":"3","iova":"8" | "iova":"8"      | step 2: 'sid' is missing
          "steps":[         | "steps":7,"x":[    | 'steps' must be a list
          {"class":"ok","pa":"7008"} | 7         | step 2: 'out' must be an object with a 'class'
          "pa":"7008"       | "pa":"none"        | a recorded value is no number
          """)
  void whatIsWrongIsNamed(String good, String bad, String message) throws IOException {
    assertThat(VECTOR).contains(good);
    assertThatThrownBy(() -> run(VECTOR + "\n" + VECTOR.replace(good, bad)))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("v.jsonl: line 2: ")
        .hasMessageContaining(message);
  }
}
