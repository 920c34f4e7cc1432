package org.ioasis.shell;

import java.util.List;
import java.util.Map;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.inspect.PageSink;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.inspect.RowSink;
import org.ioasis.api.machine.Profile;

/** A unit with fixed facts. */
public record FakeUnit(String unitId, String kind) implements UnitService {
  @Override
  public Profile profile() {
    return new Profile(kind, "board", Map.of("CAP", 0xd2L, "VER", 0x10L), Map.of(), List.of(), 0);
  }

  @Override
  public Inspector inspector() {
    return new Inspector() {
      @Override
      public Row unit() {
        return new Row().flag("enabled", false).hex("root", 0x1000);
      }

      @Override
      public void devices(RowSink sink) {}

      @Override
      public void domains(RowSink sink) {}

      @Override
      public void mappings(int sourceId, RowSink sink) {}

      @Override
      public void reachablePages(PageSink sink) {}
    };
  }

  @Override
  public Explainer explainer() {
    throw new AssertionError("nobody asked for an explanation");
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of("faults.lost", 3L, "iotlb.hits", 0L);
  }
}
