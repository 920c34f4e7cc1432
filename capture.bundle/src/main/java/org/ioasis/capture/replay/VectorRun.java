package org.ioasis.capture.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.capture.file.Json;

/**
 * One vector on a fresh machine. Requests are translated and their records read; the device's own
 * bytes are not moved, since they are arbitrary.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class VectorRun {
  /**
   * What a step gave.
   *
   * @param out as the file writes it; null for a step that has no outcome
   * @param outcome of a DMA, else null
   */
  record Result(JsonNode out, Row outcome) {}

  private final Replica replica;
  private final Map<Long, Long> software = new TreeMap<>();
  private final Set<Long> written = new HashSet<>();

  private VectorRun(Replica replica) {
    this.replica = replica;
  }

  /**
   * Runs a vector.
   *
   * @param results gets one result per step
   * @return the words of memory that the unit changed
   */
  static Map<Long, Long> run(
      Laboratory laboratory, HardwareFactory hardware, Vector vector, List<Result> results) {
    Profile profile =
        hardware
            .answers()
            .configuration(vector.configuration())
            .orElseThrow(
                () ->
                    Vector.invalid(
                        "configuration '%s' of %s is unknown"
                            .formatted(vector.configuration(), vector.vendor())));
    try (Replica replica = Replica.fresh(laboratory, hardware, profile)) {
      VectorRun run = new VectorRun(replica);
      run.store(vector.memory());
      for (Vector.Step step : vector.steps()) {
        results.add(run.step(step));
      }
      return run.changed();
    }
  }

  private Result step(Vector.Step step) {
    Mmio mmio = replica.unit().mmio();
    switch (step.op()) {
      case MMIO -> step.accesses().forEach(write -> write(mmio, write));
      case MEM -> step.accesses().forEach(store -> store(Map.of(store[0], store[1])));
      case MMIO_R -> {
        return new Result(read(step, read -> read(mmio, read)), null);
      }
      case MEM_R -> {
        return new Result(read(step, read -> replica.memory().load64(read[0])), null);
      }
      case DMA -> {
        return dma(step.question());
      }
    }
    return new Result(null, null);
  }

  private Result dma(Question question) {
    Answer answer =
        replica.request(question.sourceId(), question.pasid(), question.iova(), question.access());
    if (answer.kind() == Answer.Kind.OK && (question.access() & DmaRequest.WRITE) != 0) {
      written.add(answer.address() & ~7L);
    }
    Row outcome = replica.outcome();
    return new Result(Json.object(outcome, Json.Hex.BARE), outcome);
  }

  private static void write(Mmio mmio, long[] write) {
    if (write[1] == 4) {
      mmio.write32(write[0], (int) write[2]);
    } else {
      mmio.write64(write[0], write[2]);
    }
  }

  private static long read(Mmio mmio, long[] read) {
    return read[1] == 4 ? Integer.toUnsignedLong(mmio.read32(read[0])) : mmio.read64(read[0]);
  }

  private static ArrayNode read(
      Vector.Step step, java.util.function.ToLongFunction<long[]> reader) {
    ArrayNode out = JsonNodeFactory.instance.arrayNode();
    step.accesses().forEach(read -> out.add(Json.Hex.BARE.format(reader.applyAsLong(read))));
    return out;
  }

  private void store(Map<Long, Long> words) {
    PhysicalMemory memory = replica.memory();
    words.forEach(
        (address, word) -> {
          if (!memory.store64(address, word)) {
            throw Vector.invalid("memory word at 0x%x is outside RAM".formatted(address));
          }
          software.put(address, word);
        });
    memory.barrier();
  }

  /** What differs from what software stored last, without what a device may have overwritten. */
  private Map<Long, Long> changed() {
    Map<Long, Long> changed = new TreeMap<>();
    software.forEach(
        (address, word) -> {
          long now = replica.memory().load64(address);
          if (now != word && !written.contains(address)) {
            changed.put(address, now);
          }
        });
    return changed;
  }
}
