package org.ioasis.shell.gogo;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.Function;
import org.ioasis.api.command.Command;
import org.ioasis.shell.board.LeasedCommand;
import org.ioasis.shell.run.CommandRunner;
import org.ioasis.shell.run.Platform;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Registers a Gogo function for each {@link Command} service while there is Gogo, and takes it back
 * when the service goes.
 *
 * <p><b>Threading:</b> services come and go on any thread, in a concurrent map.
 */
@Component(
    service = {},
    immediate = true)
public final class GogoFunctions {
  /** The scope of all functions. */
  static final String SCOPE = "ioasis";

  private final BundleContext context;
  private final Platform platform;
  private final CommandRunner runner;
  private final Map<ServiceReference<Command>, ServiceRegistration<Function>> functions =
      new ConcurrentHashMap<>();
  private final ServiceRegistration<Function> welcome;

  /**
   * Offers the welcome; the commands follow one by one.
   *
   * @param gogo only its presence matters
   */
  @Activate
  public GogoFunctions(BundleContext context, @Reference CommandProcessor gogo) {
    this.context = context;
    platform = new Platform(context);
    runner = new CommandRunner(platform.flag(CommandRunner.STACKTRACE_PROPERTY));
    welcome = register(Welcome.NAME, new Welcome(), 0);
  }

  /** A command came. */
  @Reference(
      service = Command.class,
      target = "(" + Command.NAME + "=*)",
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC)
  void bind(ServiceReference<Command> reference) {
    String name = reference.getProperty(Command.NAME).toString();
    Command command = new LeasedCommand(context, name, reference);
    Object ranking = reference.getProperty(Constants.SERVICE_RANKING);
    functions.put(
        reference,
        register(
            name,
            new GogoFunction(name, command, runner, platform),
            ranking instanceof Integer rank ? rank : 0));
  }

  /** A command went. */
  void unbind(ServiceReference<Command> reference) {
    ServiceRegistration<Function> function = functions.remove(reference);
    if (function != null) {
      function.unregister();
    }
  }

  /** Takes back what is left. */
  @Deactivate
  void stop() {
    welcome.unregister();
  }

  private ServiceRegistration<Function> register(String name, Function function, int ranking) {
    return context.registerService(
        Function.class,
        function,
        FrameworkUtil.asDictionary(
            Map.of(
                CommandProcessor.COMMAND_SCOPE,
                SCOPE,
                CommandProcessor.COMMAND_FUNCTION,
                name,
                Constants.SERVICE_RANKING,
                ranking)));
  }
}
