package org.ioasis.shell.gogo;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.shell.TestFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** Commands as Gogo functions, with a real service registry and a session that only remembers. */
class GogoFunctionsTest {
  @TempDir Path folder;
  private final Map<String, Object> variables = new HashMap<>();
  private TestFramework framework;
  private GogoFunctions functions;

  @BeforeEach
  void start() throws Exception {
    framework = new TestFramework(folder, Map.of()).started();
    functions = new GogoFunctions(framework.context(), null);
  }

  @AfterEach
  void stop() throws Exception {
    framework.close();
  }

  private ServiceRegistration<Command> offer(String name, Command command) {
    ServiceRegistration<Command> registration =
        framework
            .context()
            .registerService(
                Command.class, command, FrameworkUtil.asDictionary(Map.of(Command.NAME, name)));
    functions.bind(registration.getReference());
    return registration;
  }

  private Function function(String name) throws Exception {
    for (ServiceReference<Function> reference :
        framework
            .context()
            .getServiceReferences(
                Function.class,
                "(&(osgi.command.scope=ioasis)(osgi.command.function=" + name + "))")) {
      return framework.context().getService(reference);
    }
    return null;
  }

  private CommandSession session() {
    return (CommandSession)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {CommandSession.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "put" -> variables.put((String) arguments[0], arguments[1]);
                  case "currentDir" -> folder;
                  default -> null;
                });
  }

  @Test
  void aCommandIsAFunctionWhileItIsThere() throws Exception {
    ServiceRegistration<Command> registration = offer("units", (context, arguments) -> 0);
    assertThat(function("units")).isNotNull();
    functions.unbind(registration.getReference());
    assertThat(function("units")).isNull();
  }

  @Test
  void argumentsFolderAndStatusPassThrough() throws Exception {
    offer(
        "probe",
        (context, arguments) -> {
          assertThat(context.folder()).isEqualTo(folder.toAbsolutePath());
          assertThat(arguments).containsExactly("00:04.0", "12");
          return 1;
        });
    Object result = function("probe").execute(session(), List.of("00:04.0", 12L));
    assertThat(result).isNull();
    assertThat(variables).containsEntry("status", 1);
  }

  @Test
  void aFailureIsAStatusNotAnException() throws Exception {
    offer(
        "probe",
        (context, arguments) -> {
          throw new IoasisException(Reason.INVALID, "no");
        });
    assertThat(function("probe").execute(session(), List.of())).isNull();
    assertThat(variables).containsEntry("status", 2);
  }

  @Test
  void withoutATerminalThereIsNoPrompt() throws Exception {
    assertThat(System.console()).isNull();
    function("welcome").execute(session(), List.of());
    assertThat(variables).containsEntry("prompt", "");
  }
}
