package org.ioasis.domain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.machine.Translation;

/** A device that reads and writes eight bytes at a time and remembers what it is told. */
public final class TestDevice implements Endpoint {
  private final EndpointSpec spec;
  private final DmaPort port;
  private final DmaBurst burst;
  private final DmaRequest request = new DmaRequest();

  /** What the fabric told. */
  public final List<String> told = Collections.synchronizedList(new ArrayList<>());

  TestDevice(Machine machine, EndpointSpec spec) {
    this.spec = spec;
    this.port = machine.fabric().join(spec, this);
    this.burst = port.burst();
  }

  static EndpointSpec spec(String name, int sourceId, int pasidBits) {
    return new EndpointSpec(name, sourceId, false, false, false, false, pasidBits);
  }

  public String name() {
    return spec.name();
  }

  public int sourceId() {
    return spec.sourceId();
  }

  public DmaPort port() {
    return port;
  }

  /** Asks for an address; the packed answer. */
  public long translate(int pasid, long iova, int access) {
    burst.begin();
    try {
      return burst.translate(request.set(spec.sourceId(), pasid, iova, 8, access));
    } finally {
      burst.end();
    }
  }

  /** Whether an access is let through. */
  public boolean passes(int pasid, long iova, int access) {
    return Translation.isPresent(translate(pasid, iova, access));
  }

  /** Whether a read without a PASID is let through. */
  public boolean reads(long iova) {
    return passes(DmaRequest.NO_PASID, iova, DmaRequest.READ);
  }

  /** Why a read without a PASID is not let through. */
  public Translation.Refusal refusal(long iova) {
    return Translation.refusal(translate(DmaRequest.NO_PASID, iova, DmaRequest.READ));
  }

  /** Stores a word; whether it passed. */
  public boolean store(long iova, long value) {
    burst.begin();
    try {
      long at =
          burst.translate(
              request.set(spec.sourceId(), DmaRequest.NO_PASID, iova, 8, DmaRequest.WRITE));
      if (!Translation.isPresent(at)) {
        return false;
      }
      burst.store(at, 8, value);
      return true;
    } finally {
      burst.end();
    }
  }

  /** Loads a word; it must pass. */
  public long load(long iova) {
    burst.begin();
    try {
      long at =
          burst.translate(
              request.set(spec.sourceId(), DmaRequest.NO_PASID, iova, 8, DmaRequest.READ));
      if (!Translation.isPresent(at)) {
        throw new AssertionError("0x%x: %s".formatted(iova, Translation.toString(at)));
      }
      return burst.load(at, 8);
    } finally {
      burst.end();
    }
  }

  @Override
  public void pageResponse(PageResponse response) {
    told.add("response " + response.group() + " " + response.code());
  }

  @Override
  public void stallEnded(long stallTag, StallEnd end) {
    told.add("stall " + stallTag + " " + end);
  }

  @Override
  public void enable(boolean ats, boolean pageRequests, boolean pasid) {
    told.add("enable %s %s %s".formatted(ats, pageRequests, pasid));
  }

  @Override
  public void reset() {
    told.add("reset");
  }
}
