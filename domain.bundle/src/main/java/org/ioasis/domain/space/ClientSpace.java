package org.ioasis.domain.space;

import java.util.List;
import java.util.OptionalLong;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Access;
import org.ioasis.api.domain.AccessUser;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MappingSink;
import org.ioasis.api.domain.Narrowing;
import org.ioasis.api.domain.SegmentSink;
import org.ioasis.api.domain.SpaceLimits;
import org.ioasis.api.domain.Translator;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Objects;

/**
 * A space as one client has it.
 *
 * <p><b>Threading:</b> as {@link Space}.
 */
final class ClientSpace implements AddressSpace {
  private final Objects objects;
  private final Options options;
  private final Client client;
  private final Space space;

  ClientSpace(Objects objects, Options options, Client client, Space space) {
    this.objects = objects;
    this.options = options;
    this.client = client;
    this.space = space;
  }

  private Space live() {
    return objects.find(space.handle(), Space.class);
  }

  @Override
  public Handle<AddressSpace> handle() {
    return space.handle();
  }

  @Override
  public AddressSpaceSpec spec() {
    return space.spec();
  }

  @Override
  public long map(MapRequest request) {
    return live()
        .map(
            space.sources().find(request.source()),
            request.offset(),
            request.length(),
            request.rights(),
            request.iova(),
            request.alignmentLg2());
  }

  @Override
  public long unmap(IovaRange range, UnmapMode mode) {
    return live().unmap(range, mode);
  }

  @Override
  public long unmapAll() {
    return live().unmapAll();
  }

  @Override
  public long copy(Handle<AddressSpace> from, IovaRange range, OptionalLong iova, int rights) {
    return live().copy(objects.find(from, Space.class), range, iova, rights);
  }

  @Override
  public void protect(IovaRange range, int rights) {
    live().protect(range, rights);
  }

  @Override
  public void allow(List<IovaRange> ranges) {
    live().allow(ranges);
  }

  @Override
  public Reservation reserve(IovaRange range, String by) {
    return live().reserve(range, by);
  }

  @Override
  public SpaceLimits limits() {
    return live().limits();
  }

  @Override
  public List<Narrowing> narrowings() {
    return live().narrowings();
  }

  @Override
  public void mappings(IovaRange range, MappingSink sink) {
    live().mappings(range, sink);
  }

  @Override
  public long mappingCount() {
    return live().mappingCount();
  }

  @Override
  public List<Handle<Domain>> domains() {
    return live().followers().stream().flatMap(f -> f.domain().stream()).toList();
  }

  @Override
  public Access access(String name, boolean mayPin, AccessUser user) {
    Space at = live();
    AccessCore access =
        objects.enter(
            Access.class,
            client,
            handle -> new AccessCore(objects, handle, at, name, mayPin, user, options));
    return using(access.handle(), access);
  }

  @Override
  public Translator translator(String name, AccessUser user) {
    Space at = live();
    TranslatorCore translator =
        objects.enter(
            Translator.class,
            client,
            handle -> new TranslatorCore(objects, handle, at, name, user));
    return using(translator.handle(), translator);
  }

  private <T> T using(Handle<?> handle, T object) {
    boolean done = false;
    try {
      objects.use(handle, space.handle());
      done = true;
    } finally {
      if (!done) {
        objects.destroy(handle);
      }
    }
    return object;
  }

  @Override
  public void physical(IovaRange range, SegmentSink sink) {
    if (!client.trusted()) {
      throw new IoasisException(
          Reason.DENIED, "physical refused: %s is not trusted with memory".formatted(client));
    }
    live().physical(range, sink);
  }

  @Override
  public void destroy() {
    objects.destroy(space.handle());
  }
}
