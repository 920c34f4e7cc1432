package org.ioasis.amdvi.hardware;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.amdvi.format.InvalidationAddress;
import org.ioasis.api.explain.Step;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.kit.inspect.SourceIds;

/**
 * What the caches would give one request now, and which commands would remove what is stale. Reads
 * the caches, fills nothing.
 *
 * <p><b>Threading:</b> confined to one explanation.
 */
final class CacheStory {
  private final TranslationCaches caches;
  private final DeviceEntry device;
  private final GuestContext context;
  private final int pasid;
  private final long iova;
  private final Answer answer;

  CacheStory(Translator translator, DmaRequest request, Latched latched) {
    caches = translator.caches();
    iova = request.iova();
    device = caches.devices.lookup(request.sourceId() & 0xFFFF);
    boolean guest = device != null && device.guest && latched.guestTables;
    boolean used = guest && (request.hasPasid() || device.guestWithoutPasid);
    pasid = used ? Math.max(0, request.pasid()) : -1;
    context = used ? caches.contexts.lookup(GuestContext.key(device.domain, pasid)) : null;
    answer = device == null ? null : probe(translator, request);
  }

  private static Answer probe(Translator translator, DmaRequest request) {
    DmaRequest copy =
        new DmaRequest()
            .set(
                request.sourceId(),
                request.pasid(),
                request.iova(),
                request.length(),
                request.access())
            .addressType(request.addressType())
            .privileged(request.isPrivileged())
            .atomic(request.isAtomic())
            .noWrite(request.isNoWrite())
            .noSnoop(request.isNoSnoop())
            .zeroLength(request.isZeroLength());
    long packed = translator.probe(copy);
    if (Translation.isPresent(packed)) {
      return Answer.ok(Translation.address(packed), Translation.spanLg2(packed), copy.rights());
    }
    return Translation.refusal(packed) == Translation.Refusal.ABORTED
        ? Answer.blocked(copy.faultCode())
        : Answer.fault(copy.faultCode());
  }

  /** The outcome by way of the caches; null if they hold nothing of this device. */
  Answer answer() {
    return answer;
  }

  /** Empty, or what is stale and the commands that would remove it. */
  String stale(Answer fromMemory, Story story) {
    if (answer == null || isSame(answer, fromMemory)) {
      return "";
    }
    List<String> causes = new ArrayList<>();
    if (differs(story)) {
      causes.add(
          "device table entry of %s, removed by INVALIDATE_DEVTAB_ENTRY (DeviceID 0x%x)"
              .formatted(SourceIds.bdf(device.deviceId()), device.deviceId()));
    }
    if (context != null) {
      causes.add(
          "v2 root 0x%x of PASID 0x%x, removed by INVALIDATE_IOMMU_PAGES (GN=1, DomainID 0x%x, everything)"
              .formatted(context.root, pasid, device.domain));
    }
    if (pasid >= 0) {
      translations(causes, TagTree.key(device.domain, pasid), true);
    }
    translations(causes, device.hostTag, false);
    return "STALE: " + (causes.isEmpty() ? "structures changed" : String.join("; ", causes));
  }

  private static boolean isSame(Answer one, Answer other) {
    return one.kind() == other.kind()
        && one.address() == other.address()
        && one.rights() == other.rights()
        && one.faultCode() == other.faultCode();
  }

  private boolean differs(Story story) {
    for (Step step : story.steps()) {
      if (step.name().startsWith("DTE")) {
        return step.raw().get(0) != device.word0
            || step.raw().get(1) != device.word1
            || step.raw().get(2) != device.word2
            || step.raw().get(3) != device.word3;
      }
    }
    return true;
  }

  private void translations(List<String> causes, long key, boolean guest) {
    int tag = caches.tags.peek(key);
    if (tag == TagTree.NO_TAG || (!guest && pasid >= 0)) {
      return;
    }
    long word = caches.iotlb.lookup(tag, iova);
    if (word != 0) {
      int lg2 = caches.iotlb.sizeLg2(word);
      causes.add(
          "IOTLB entry of 2^%d bytes, removed by %s".formatted(lg2, command(guest, lg2, false)));
    } else if (caches.walks.lookup(tag, iova) != 0) {
      causes.add(
          "cached table of the last level, removed by "
              + command(guest, HostWalk.LEAF_TABLE_LG2, true));
    }
  }

  private String command(boolean guest, int lg2, boolean directories) {
    long first = iova & -(1L << lg2);
    long range = InvalidationAddress.of(first, first | (1L << lg2) - 1);
    return "INVALIDATE_IOMMU_PAGES (GN=%d, DomainID 0x%x%s, address 0x%x%s)"
        .formatted(
            guest ? 1 : 0,
            device.domain,
            guest ? ", PASID 0x%x".formatted(pasid) : "",
            range,
            directories ? ", PDE=1" : "");
  }
}
