package org.ioasis.vtd.hardware;

import java.util.List;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Translation;
import org.ioasis.vtd.format.Cap;
import org.ioasis.vtd.format.FaultRecord;
import org.ioasis.vtd.format.Fsts;
import org.ioasis.vtd.format.RegisterMap;

/**
 * What a test bench beside a unit does after each request: it reads FSTS and the fault record by
 * MMIO, as software would, and acknowledges them by writing 1 to F and to PFO.
 */
final class VtdBench implements AnswerFormat.Bench {
  /** Classes of outcomes in vector files. */
  static final String OK = "ok";

  static final String FAULT = "fault";
  static final String SUPPRESSED = "suppressed";

  private final Mmio mmio;
  private final long firstRecord;
  private final int records;
  private Row outcome = new Row();

  VtdBench(Mmio mmio) {
    this.mmio = mmio;
    long cap = mmio.read64(RegisterMap.CAP);
    this.firstRecord = Cap.FRO.get(cap) * 16;
    this.records = (int) Cap.NFR.get(cap) + 1;
  }

  @Override
  public void start() {
    for (int index = 0; index < records; index++) {
      acknowledge(index);
    }
    mmio.write32(RegisterMap.FSTS, (int) Fsts.PFO.mask());
  }

  private void acknowledge(int index) {
    mmio.write32(firstRecord + 16L * index + 12, (int) (FaultRecord.F.mask() >>> 32));
  }

  @Override
  public Answer answer(DmaRequest request, long translation) {
    if (Translation.isPresent(translation)) {
      long address = Translation.address(translation);
      outcome = new Row().text("class", OK).text("pa", Long.toHexString(address));
      return Answer.ok(address, Translation.spanLg2(translation), request.rights());
    }
    long fsts = mmio.read32(RegisterMap.FSTS) & 0xFFFF_FFFFL;
    if (!Fsts.PPF.isSet(fsts)) {
      outcome = new Row().text("class", SUPPRESSED);
      return Answer.blocked(request.faultCode());
    }
    return recorded(fsts);
  }

  private Answer recorded(long fsts) {
    int index = (int) Fsts.FRI.get(fsts) % records;
    long low = mmio.read64(firstRecord + 16L * index);
    long high = mmio.read64(firstRecord + 16L * index + 8);
    int reason = (int) FaultRecord.FR.get(high);
    outcome =
        new Row()
            .text("class", FAULT)
            .text("reason", Integer.toHexString(reason))
            .words("frcd", List.of(low, high))
            .text("fsts", Long.toHexString(fsts));
    acknowledge(index);
    mmio.write32(RegisterMap.FSTS, (int) Fsts.PFO.mask());
    return Answer.fault(reason);
  }

  @Override
  public Row outcome() {
    return outcome;
  }
}
