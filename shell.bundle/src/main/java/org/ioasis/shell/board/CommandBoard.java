package org.ioasis.shell.board;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.ioasis.api.command.Command;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * The whiteboard: every {@link Command} service with a name is a command. Instances are made when
 * they run.
 *
 * <p><b>Threading:</b> services come and go on any thread, in a concurrent map.
 */
@Component(service = Commands.class)
public final class CommandBoard implements Commands {
  private final BundleContext context;
  private final Map<ServiceReference<Command>, String> services = new ConcurrentHashMap<>();

  /** Begins empty. */
  @Activate
  public CommandBoard(BundleContext context) {
    this.context = context;
  }

  /** A command came. */
  @Reference(
      service = Command.class,
      target = "(" + Command.NAME + "=*)",
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC)
  void bind(ServiceReference<Command> reference) {
    services.put(reference, text(reference, Command.NAME));
  }

  /** A command went. */
  void unbind(ServiceReference<Command> reference) {
    services.remove(reference);
  }

  @Override
  public List<CommandEntry> all() {
    List<ServiceReference<Command>> references = new ArrayList<>(services.keySet());
    references.sort(Comparator.naturalOrder());
    Map<String, CommandEntry> byName = new TreeMap<>();
    for (ServiceReference<Command> reference : references) {
      String name = text(reference, Command.NAME);
      Command command = new LeasedCommand(context, name, reference);
      byName.put(name, new CommandEntry(name, text(reference, Command.SUMMARY), command));
    }
    return List.copyOf(byName.values());
  }

  private static String text(ServiceReference<Command> reference, String key) {
    Object value = reference.getProperty(key);
    return value == null ? "" : value.toString();
  }
}
