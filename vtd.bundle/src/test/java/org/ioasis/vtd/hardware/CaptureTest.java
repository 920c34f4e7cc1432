package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.ioasis.api.explain.Explanation;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a Linux kernel wrote and QEMU answered, against every walk and view of ours. */
class CaptureTest {
  static List<String> cases() {
    return Capture.CASES;
  }

  private static Inspector inspector(Capture capture) {
    return new VtdInspector(capture.memory, capture.capabilities, capture);
  }

  private static Map<String, String> texts(Row row) {
    Map<String, String> texts = new TreeMap<>();
    row.cells()
        .forEach(
            (key, cell) ->
                texts.put(
                    key,
                    cell.kind() == Row.Kind.HEX
                        ? "0x" + Long.toHexString((Long) cell.value())
                        : String.valueOf(cell.value())));
    return texts;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void mappingsAreTheRecordedOnes(String name) {
    Capture capture = new Capture(name);
    List<Map<String, String>> ours = new ArrayList<>();
    inspector(capture).mappings(Inspector.ALL_SOURCES, row -> ours.add(texts(row)));
    assertThat(ours).hasSizeGreaterThan(14_000);
    assertThat(ours).containsExactlyInAnyOrderElementsOf(capture.rows("mappings.jsonl.gz"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void mappingsOfOneDeviceAreItsPart(String name) {
    Capture capture = new Capture(name);
    List<Map<String, String>> ours = new ArrayList<>();
    inspector(capture).mappings(32, row -> ours.add(texts(row)));
    assertThat(ours).hasSize(4).allMatch(row -> row.get("rid").equals("00:04.0"));
    List<Row> first = new ArrayList<>();
    inspector(capture).mappings(Inspector.ALL_SOURCES, row -> !first.add(row));
    assertThat(first).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void translationsAgree(String name) {
    Capture capture = new Capture(name);
    List<Map<String, String>> rows = capture.rows("translations.jsonl.gz");
    assertThat(rows).hasSizeGreaterThan(160);
    for (Map<String, String> row : rows) {
      boolean read = row.get("access").equals("write") || !agrees(capture, row, DmaRequest.READ);
      boolean write = row.get("access").equals("read") || !agrees(capture, row, DmaRequest.WRITE);
      assertThat(read && write).as("%s: %s", name, row).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void oracleAgrees(String name) {
    Capture capture = new Capture(name);
    List<Map<String, String>> rows = capture.rows("qemu-oracle.jsonl.gz");
    assertThat(rows).hasSizeGreaterThan(3_000);
    for (Map<String, String> row : rows) {
      int access = row.get("access").equals("write") ? DmaRequest.WRITE : DmaRequest.READ;
      assertThat(agrees(capture, row, access)).as("%s: %s", name, row).isTrue();
    }
  }

  /** Both walks must agree with the row, and the fast one with the reference. */
  private static boolean agrees(Capture capture, Map<String, String> row, int access) {
    int sid = Integer.parseInt(row.get("sid"));
    long iova = Long.decode(row.get("iova"));
    DmaRequest request = new DmaRequest().set(sid, DmaRequest.NO_PASID, iova, 4, access);
    ReferenceWalker walker = new ReferenceWalker(capture.memory, capture.capabilities);
    Answer reference = walker.walk(request, capture.latched(), walker.story());
    long packed = capture.translator.translate(request, capture.latched());
    Answer fast = Fixture.answer(request, packed);
    assertThat(fast.kind()).isEqualTo(reference.kind());
    assertThat(fast.address()).isEqualTo(reference.address());
    assertThat(fast.rights()).isEqualTo(reference.rights());
    assertThat(fast.faultCode()).isEqualTo(reference.faultCode());
    if (row.containsKey("pa")) {
      return fast.kind() == Answer.Kind.OK && fast.address() == Long.decode(row.get("pa"));
    }
    return fast.kind() == Answer.Kind.FAULT
        && isSame(Integer.parseInt(row.get("fault")), fast.faultCode());
  }

  /** QEMU says 5 and 6 in scalable second-stage mode where the specification has others. */
  private static boolean isSame(int theirs, int ours) {
    return theirs == ours
        || (theirs == 5 && (ours == 0x79 || ours == 0x85))
        || (theirs == 6 && (ours == 0x79 || ours == 0x86));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void reachablePagesAreTheCapturedOnes(String name) {
    Capture capture = new Capture(name);
    TreeSet<Long> ours = new TreeSet<>();
    Map<String, Integer> kinds = new HashMap<>();
    inspector(capture)
        .reachablePages(
            (address, what) -> {
              assertThat(ours.add(address)).as("once only").isTrue();
              if (capture.pages.contains(address)) {
                kinds.merge(what, 1, Integer::sum);
              }
              return true;
            });
    assertThat(ours).containsAll(capture.pages);
    ours.removeAll(capture.pages);
    assertThat(ours).as("left out because all zero").allMatch(page -> isZero(capture, page));
    assertThat(kinds).isEqualTo(KINDS.get(name));
  }

  private static final Map<String, Map<String, Integer>> KINDS =
      Map.of(
          "vtd-legacy-dev",
          Map.of(
              "invalidation-queue", 1,
              "interrupt-remapping-table", 1,
              "root-table", 1,
              "sl-table", 143,
              "context-table", 3),
          "vtd-scalable-dev",
          Map.of(
              "invalidation-queue", 2,
              "interrupt-remapping-table", 1,
              "root-table", 1,
              "sl-table", 142,
              "pasid-dir", 12,
              "sm-context-table", 4,
              "pasid-table", 12),
          "vtd-firststage-dev",
          Map.of(
              "invalidation-queue", 2,
              "interrupt-remapping-table", 1,
              "root-table", 1,
              "fl-table", 134,
              "pasid-dir", 12,
              "sm-context-table", 4,
              "pasid-table", 12));

  private static boolean isZero(Capture capture, long page) {
    for (long at = page; at < page + 0x1000; at += 8) {
      if (capture.memory.load64(at) != 0) {
        return false;
      }
    }
    return true;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void devicesAndDomains(String name) {
    Capture capture = new Capture(name);
    List<String> devices = new ArrayList<>();
    inspector(capture).devices(row -> devices.add(row.asText("rid").orElseThrow()));
    assertThat(devices)
        .containsExactly(
            "00:00.0", "00:04.0", "00:05.0", "00:06.0", "00:07.0", "00:08.0", "00:10.0", "00:1f.0",
            "00:1f.2", "00:1f.3", "01:00.0", "02:00.0");
    List<String> shared = new ArrayList<>();
    inspector(capture)
        .domains(
            row -> {
              if (row.asLong("did").orElseThrow() == 9) {
                ((List<?>) row.cells().get("devices").value())
                    .forEach(device -> shared.add(((Row) device).asText("rid").orElseThrow()));
              }
              return true;
            });
    assertThat(shared).contains("00:1f.0", "00:1f.2", "00:1f.3");
  }

  @Test
  void explainsATranslation() {
    Capture capture = new Capture("vtd-legacy-dev");
    VtdExplainer explainer = new VtdExplainer(capture.memory, capture.capabilities, capture);
    DmaRequest request = new DmaRequest().set(32, DmaRequest.NO_PASID, 0xFFFF_DA84L, 4, 2);
    Explanation explanation = explainer.explain(request);
    assertThat(explanation.result()).isEqualTo(Answer.ok(0x1_091D_2A84L, 12, 3));
    assertThat(explanation.cached()).isNull();
    assertThat(explanation.stale()).isEmpty();
    assertThat(explanation.steps())
        .extracting(step -> step.name())
        .containsExactly(
            "root-entry[00]",
            "context-entry[00:04.0]",
            "SS-PML4E[0x000]",
            "SS-PDPE[0x003]",
            "SS-PDE[0x1ff]",
            "SS-PTE[0x1fd]");
    assertThat(explanation.steps().get(1).fields())
        .extracting(field -> field.name() + "=" + field.value())
        .contains("P=1", "TT=0", "AW=2", "DID=3");
    assertThat(explanation.steps().get(5).raw()).containsExactly(0x1_091D_2003L);
  }
}
