package org.ioasis.domain.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Attachment;
import org.ioasis.api.device.SharePolicy;
import org.ioasis.api.device.ShareReport;
import org.ioasis.api.device.ShareRequest;
import org.ioasis.api.device.UnshareMode;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.Mapping;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.hwpt.DomainCore;
import org.ioasis.domain.space.Space;

/**
 * Sharing of spaces between devices, and the space that a device has by mapping alone.
 *
 * <p><b>Threading:</b> any thread, outside bursts; changes of attachments happen under the lock of
 * the structure, which is reentrant: a share holds it from its look to its replace, so that nobody
 * attaches the two elsewhere in between. Mappings may change meanwhile, as always.
 */
final class Sharing {
  private static final int PLACE = DmaRequest.NO_PASID;

  private final Attaching attaching;
  private final Tenants tenants;
  private final Objects objects;
  private final Spaces spaces;
  private final ReentrantLock structure;
  private final Map<BoundDevice, Space> implicit = new ConcurrentHashMap<>();

  Sharing(Devices devices, Attaching attaching, Tenants tenants, Spaces spaces) {
    this.attaching = attaching;
    this.tenants = tenants;
    this.objects = devices.objects();
    this.spaces = spaces;
    this.structure = devices.structure();
  }

  /** What a share would find. */
  private record Look(
      BoundDevice target,
      BoundDevice into,
      Space own,
      Space shared,
      List<Mapping> lost,
      List<Mapping> merged,
      String refusal) {}

  private Look look(ShareRequest request) {
    BoundDevice target = objects.find(request.target(), BoundDevice.class);
    BoundDevice into = objects.find(request.into(), BoundDevice.class);
    target.live();
    into.live();
    Space shared =
        spaceOf(into)
            .orElseThrow(
                () ->
                    new IoasisException(
                        Reason.INVALID,
                        "share refused: %s has no space to share; attach it first"
                            .formatted(into.core())));
    Space own = spaceOf(target).orElse(null);
    List<Mapping> mine = new ArrayList<>();
    if (own != null && own != shared) {
      own.mappings(IovaRange.ALL, mine::add);
    }
    return switch (request.policy()) {
      case DISCARD -> new Look(target, into, own, shared, mine, List.of(), "");
      case KEEP -> new Look(target, into, own, shared, List.of(), List.of(), missing(mine, shared));
      case MERGE_OR_FAIL ->
          new Look(target, into, own, shared, List.of(), mine, colliding(mine, shared));
    };
  }

  private static java.util.Optional<Space> spaceOf(BoundDevice bound) {
    return bound.core().place(PLACE).map(place -> place.domain).map(DomainCore::baseSpace);
  }

  /** Mappings of the target that the shared space has not, the same. */
  private static String missing(List<Mapping> mine, Space shared) {
    List<String> missing = new ArrayList<>();
    for (Mapping mapping : mine) {
      if (!holds(shared, mapping)) {
        missing.add(text(mapping));
      }
    }
    return missing.isEmpty()
        ? ""
        : "share refused by KEEP: %s of the target's own mappings are not in %s, the first are %s"
            .formatted(missing.size(), shared.title(), first(missing));
  }

  private static String first(List<String> texts) {
    return String.join(", ", texts.subList(0, Math.min(4, texts.size())));
  }

  private static String text(Mapping mapping) {
    return "0x%x..0x%x".formatted(mapping.range().first(), mapping.range().last());
  }

  /** Whether a space maps the same memory with the same rights all over a mapping's range. */
  private static boolean holds(Space space, Mapping wanted) {
    long[] next = {wanted.range().first()};
    boolean[] same = {true, false};
    space.mappings(
        wanted.range(),
        there -> {
          long shift = there.range().first() - there.offset();
          same[0] &=
              Long.compareUnsigned(there.range().first(), next[0]) <= 0
                  && there.source().equals(wanted.source())
                  && there.rights() == wanted.rights()
                  && shift == wanted.range().first() - wanted.offset();
          same[1] = Long.compareUnsigned(there.range().last(), wanted.range().last()) >= 0;
          next[0] = there.range().last() + 1;
          return same[0] && !same[1];
        });
    return same[0] && same[1];
  }

  private static String colliding(List<Mapping> mine, Space shared) {
    List<String> colliding = new ArrayList<>();
    for (Mapping mapping : mine) {
      boolean[] met = {false};
      shared.mappings(
          mapping.range(),
          there -> {
            met[0] = true;
            return false;
          });
      if (met[0]) {
        colliding.add(text(mapping));
      }
    }
    return colliding.isEmpty()
        ? ""
        : "share refused by MERGE_OR_FAIL: %s of the target's own mappings collide in %s, the first are %s"
            .formatted(colliding.size(), shared.title(), first(colliding));
  }

  ShareReport dryRun(ShareRequest request) {
    structure.lock();
    try {
      Look look = look(request);
      return new ShareReport(
          false, look.shared().handle(), look.lost(), look.merged(), look.refusal(), null);
    } finally {
      structure.unlock();
    }
  }

  ShareReport share(ShareRequest request) {
    BoundDevice target = objects.find(request.target(), BoundDevice.class);
    return tenants.around(target.core(), () -> shareLocked(request));
  }

  private ShareReport shareLocked(ShareRequest request) {
    structure.lock();
    try {
      Look look = look(request);
      if (!look.refusal().isEmpty()) {
        throw new IoasisException(Reason.EXISTS, look.refusal());
      }
      boolean merge = request.policy() == SharePolicy.MERGE_OR_FAIL && !look.merged().isEmpty();
      if (merge) {
        look.shared().copyAll(look.own());
      }
      Attachment attachment = null;
      try {
        attachment = move(look.target(), look.shared(), ChangeMode.WINDOW_ALLOWED);
      } finally {
        if (attachment == null && merge) {
          look.merged().forEach(m -> look.shared().unmap(m.range(), UnmapMode.WHOLE));
        }
      }
      dropImplicit(look.target());
      return new ShareReport(
          true, look.shared().handle(), look.lost(), look.merged(), "", attachment);
    } finally {
      structure.unlock();
    }
  }

  private Attachment move(BoundDevice bound, Space to, ChangeMode mode) {
    AttachTarget target = new AttachTarget.Space(to.handle());
    return bound.isAttached()
        ? attaching.replace(bound, target, PLACE, mode)
        : attaching.attach(bound, target, PLACE);
  }

  /** The space that mapping alone made, if the device has left it, ends. */
  private void dropImplicit(BoundDevice bound) {
    Space made = implicit.get(bound);
    if (made != null && spaceOf(bound).orElse(null) != made) {
      implicit.remove(bound);
      try {
        objects.destroy(made.handle());
      } catch (IoasisException stillUsed) {
        // another device shares it; it stays its client's
      }
    }
  }

  Attachment unshare(BoundDevice bound, UnshareMode mode) {
    return tenants.around(bound.core(), () -> unshareLocked(bound, mode));
  }

  private Attachment unshareLocked(BoundDevice bound, UnshareMode mode) {
    structure.lock();
    try {
      bound.live();
      Space from =
          spaceOf(bound)
              .orElseThrow(
                  () ->
                      new IoasisException(
                          Reason.INVALID,
                          "unshare refused: %s is in no space".formatted(bound.core())));
      Space own =
          spaces.create(
              bound.client(), AddressSpaceSpec.named(bound.core().name() + " (unshared)"));
      boolean complete = false;
      try {
        if (mode == UnshareMode.COPY) {
          own.copyAll(from);
        }
        Attachment attachment =
            attaching.replace(
                bound,
                new AttachTarget.Space(own.handle()),
                PLACE,
                mode == UnshareMode.COPY ? ChangeMode.HITLESS : ChangeMode.WINDOW_ALLOWED);
        dropImplicit(bound);
        implicit.put(bound, own);
        complete = true;
        return attachment;
      } finally {
        if (!complete) {
          objects.destroy(own.handle());
        }
      }
    } finally {
      structure.unlock();
    }
  }

  /** One call: space, domain, attachment if there is none, and the mapping. */
  long map(BoundDevice bound, MapRequest request) {
    if (!bound.terms().implicit()) {
      throw new IoasisException(
          Reason.INVALID,
          "map refused: %s was bound for explicit attaching; bind it with implicit, or map its space"
              .formatted(bound.core()));
    }
    return spaces.map(spaceFor(bound), request);
  }

  private Space spaceFor(BoundDevice bound) {
    structure.lock();
    try {
      bound.live();
      Space there = spaceOf(bound).orElse(null);
      if (there != null) {
        return there;
      }
      Space made =
          spaces.create(
              bound.client(), AddressSpaceSpec.named(bound.core().name() + " (implicit)"));
      boolean complete = false;
      try {
        attaching.attach(bound, new AttachTarget.Space(made.handle()), PLACE);
        implicit.put(bound, made);
        complete = true;
        return made;
      } finally {
        if (!complete) {
          objects.destroy(made.handle());
        }
      }
    } finally {
      structure.unlock();
    }
  }

  /** A binding has ended: so does the space that it alone had. */
  void ended(BoundDevice bound) {
    Space made = implicit.remove(bound);
    if (made != null) {
      try {
        objects.destroy(made.handle());
      } catch (IoasisException stillUsed) {
        // another device shares it, or its client has gone before; it ends with them
      }
    }
  }
}
