package org.ioasis.machine.fabric;

import java.util.function.LongUnaryOperator;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.FabricUnit;
import org.ioasis.api.machine.MsiMessage;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.Translation;

/** A unit whose behaviour a test sets; by default IOVA = address, pages of 4 KiB. */
final class FakeUnit implements FabricUnit {
  LongUnaryOperator answer = iova -> Translation.of(iova, 12);
  RuntimeException thrown;
  boolean checksTranslated;
  boolean blocksInterrupts;
  int addToData;
  int asked;

  @Override
  public long translate(DmaRequest request) {
    asked++;
    if (thrown != null) {
      throw thrown;
    }
    request.granted(request.access());
    return answer.applyAsLong(request.iova());
  }

  @Override
  public long probe(DmaRequest request) {
    return answer.applyAsLong(request.iova());
  }

  @Override
  public boolean checksTranslatedRequests() {
    return checksTranslated;
  }

  @Override
  public boolean pageRequest(PageRequest request) {
    asked++;
    if (thrown != null) {
      throw thrown;
    }
    return true;
  }

  @Override
  public boolean remapInterrupt(MsiMessage message) {
    if (thrown != null) {
      throw thrown;
    }
    message.set(message.sourceId(), message.address(), message.data() + addToData);
    return !blocksInterrupts;
  }
}
