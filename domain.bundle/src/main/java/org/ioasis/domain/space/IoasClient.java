package org.ioasis.domain.space;

import java.util.List;
import java.util.Optional;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Access;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.IoasService;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.domain.SpaceOption;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.memory.Source;

/**
 * The service of address spaces as one client has it.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class IoasClient implements IoasService {
  private final Spaces spaces;
  private final Client client;

  /** The view of a client. */
  public IoasClient(Spaces spaces, Client client) {
    this.spaces = spaces;
    this.client = client;
  }

  @Override
  public AddressSpace createSpace(AddressSpaceSpec spec) {
    return view(spaces.create(client, spec));
  }

  private AddressSpace view(Space space) {
    return new ClientSpace(spaces.objects(), spaces.options(), client, space);
  }

  @Override
  public AddressSpace space(Handle<AddressSpace> handle) {
    return view(spaces.find(handle));
  }

  @Override
  public MemorySource createSource(String name, MemorySpec spec) {
    return spaces.sources().create(client, name, spec);
  }

  @Override
  public MemorySource source(Handle<MemorySource> handle) {
    return spaces.sources().find(handle);
  }

  @Override
  public Access access(Handle<Access> handle) {
    return spaces.objects().find(handle, Access.class);
  }

  @Override
  public long option(SpaceOption option, Handle<AddressSpace> space) {
    return spaces.options().get(option, space);
  }

  @Override
  public void setOption(SpaceOption option, Handle<AddressSpace> space, long value) {
    spaces.options().set(client, option, space, value);
  }

  @Override
  public Optional<Handle<AddressSpace>> defaultSpace() {
    return spaces.options().defaultSpace();
  }

  @Override
  public void setDefaultSpace(Handle<AddressSpace> space) {
    spaces.options().defaultSpace(space);
  }

  @Override
  public void chargeToCaller() {
    List<Source> mapped =
        spaces.objects().all(Space.class).stream()
            .filter(space -> space.owner().equals(client))
            .flatMap(space -> space.books.sources().stream())
            .distinct()
            .toList();
    for (Source source : mapped) {
      if (!(source.spec() instanceof MemorySpec.File)) {
        throw new IoasisException(
            Reason.INVALID,
            "charge refused: %s is mapped and not of a file".formatted(source.title()));
      }
    }
    mapped.forEach(source -> source.charge(client));
  }

  @Override
  public List<Leak> leaks() {
    return spaces.objects().leaks();
  }
}
