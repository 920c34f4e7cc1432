package org.ioasis.domain.hwpt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.PasidTable;
import org.ioasis.api.explain.Explanation;
import org.ioasis.api.explain.Step;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.machine.DmaRequest;

/**
 * A user's PASID table, read through the unit's explainer: what it says is in the vendor's words
 * and comes from the user's memory at the time of the question.
 *
 * <p><b>Threading:</b> any thread.
 */
final class UserPasidTable implements PasidTable {
  private final DomainCore domain;
  private final Function<String, Optional<UnitService>> looks;

  UserPasidTable(DomainCore domain, Function<String, Optional<UnitService>> looks) {
    this.domain = domain;
    this.looks = looks;
  }

  @Override
  public Handle<Domain> domain() {
    return domain.handle();
  }

  @Override
  public Blob data() {
    return domain.plan().data();
  }

  /** Empty also while the table is attached nowhere or its unit is away: nobody reads it then. */
  @Override
  public Optional<Row> entry(Pasid pasid) {
    Optional<UnitService> unit = looks.apply(domain.unitId());
    List<RoutingKey> attached = domain.attachments();
    if (unit.isEmpty() || attached.isEmpty()) {
      return Optional.empty();
    }
    Explanation story =
        unit.get()
            .explainer()
            .explain(
                new DmaRequest()
                    .set(attached.get(0).sourceId(), pasid.value(), 0, 1, DmaRequest.READ));
    List<Row> steps = new ArrayList<>();
    for (Step step : story.steps()) {
      Row row = new Row().text("structure", step.name()).hex("address", step.address());
      step.fields().forEach(field -> row.text(field.name(), field.value()));
      steps.add(row);
    }
    return steps.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Row()
                .hex("pasid", pasid.value())
                .text("fault", story.faultName())
                .rows("structures", steps));
  }
}
