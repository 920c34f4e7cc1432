package org.ioasis.iopf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.machine.Translation;
import org.ioasis.iopf.Platform.Vendor;

/**
 * A device that asks in the way of its vendor, waits for nothing, and writes down what it is told
 * and what stands at that moment.
 */
final class Asker implements Endpoint, AutoCloseable {
  final List<String> told = new ArrayList<>();
  private final Map<Long, Integer> stalled = new HashMap<>();
  private final Platform on;
  private final Vendor vendor;
  private final int sourceId;
  private final DmaPort port;
  private boolean pages;

  Asker(Platform on, Vendor vendor, String name, int sourceId) {
    this.on = on;
    this.vendor = vendor;
    this.sourceId = sourceId;
    port = on.machine.fabric().join(vendor.endpoint(name, sourceId), this);
  }

  @Override
  public void pageResponse(PageResponse response) {
    told.add(response.code() + stands(response.pasid()));
  }

  @Override
  public void stallEnded(long stallTag, StallEnd end) {
    told.add(end + stands(stalled.get(stallTag)));
  }

  @Override
  public void enable(boolean ats, boolean pageRequests, boolean pasid) {
    if (pages && !pageRequests) {
      told.add("page requests off");
    }
    pages = pageRequests;
  }

  private String stands(int pasid) {
    boolean routed = on.faults.route(new RoutingKey(sourceId, pasid)).isPresent();
    String text = port.isOpen() ? ", port open" : ", port closed";
    text += routed ? ", routed" : ", no route";
    return text + (on.reaches("unit0", sourceId, pasid) ? ", entry" : ", no entry");
  }

  /** Asks for a page. */
  void ask(int pasid, long address, int group) {
    if (vendor == Vendor.SMMUV3_STALL) {
      DmaBurst burst = port.burst();
      burst.begin();
      try {
        DmaRequest request = new DmaRequest().set(sourceId, pasid, address, 1, DmaRequest.WRITE);
        assertThat(Translation.refusal(burst.translate(request)))
            .isEqualTo(Translation.Refusal.STALLED);
        stalled.put(request.stallTag(), pasid);
      } finally {
        burst.end();
      }
    } else {
      PageRequest request = new PageRequest(sourceId, pasid, address, 1, false, group, true);
      assertThat(port.requestPage(request)).isTrue();
    }
    on.settle();
  }

  @Override
  public void close() {
    port.close();
  }
}
