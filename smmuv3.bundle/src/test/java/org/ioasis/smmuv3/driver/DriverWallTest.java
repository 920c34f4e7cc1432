package org.ioasis.smmuv3.driver;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.api.Test;

/** The driver room, its tests too, reaches the hardware by registers and memory only. */
class DriverWallTest {
  private static final String SMMUV3 = "org.ioasis.smmuv3.";
  private static final String HARDWARE = SMMUV3 + "hardware";

  @Test
  void theDriverRoomNamesNothingOfTheHardwareRoom() {
    noClasses()
        .that()
        .resideInAPackage(SMMUV3 + "driver..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(HARDWARE + "..")
        .check(new ClassFileImporter().importPackages(SMMUV3 + "driver"));
  }

  /** Loads this bundle's classes anew, without the hardware room. */
  private static final class WithoutHardware extends ClassLoader {
    WithoutHardware(ClassLoader parent) {
      super(parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        if (!name.startsWith(SMMUV3)) {
          return super.loadClass(name, resolve);
        }
        if (name.startsWith(HARDWARE)) {
          throw new ClassNotFoundException(name + " is not installed");
        }
        Class<?> known = findLoadedClass(name);
        return known != null ? known : define(name);
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  @Test
  void theDriverRunsWithoutTheHardwarePackage() throws ReflectiveOperationException {
    ClassLoader loader = new WithoutHardware(getClass().getClassLoader());
    assertThatThrownBy(() -> loader.loadClass(HARDWARE + ".SmmuUnit"))
        .isInstanceOf(ClassNotFoundException.class);
    DriverFactory factory =
        (DriverFactory)
            loader
                .loadClass(SMMUV3 + "driver.SmmuDriverFactory")
                .getDeclaredConstructor()
                .newInstance();
    assertThat(factory.getClass().getClassLoader()).isSameAs(loader);
    try (DriverRig rig = new DriverRig(Scheduler.Mode.INLINE)) {
      rig.driver = factory.create(rig.environment, Map.of());
      rig.driver.start(rig.faults);
      DriverDomain domain = rig.driver.createDomain(DomainSpec.paging(Set.of(DomainFlag.PASID)));
      DomainBatch batch = domain.batch();
      batch.map(0x1000, 0x8000, 0x1000, DmaRequest.READ | DmaRequest.WRITE);
      batch.sync();
      rig.driver.addDevice(rig.facts()).attach(5, domain);
      assertThat(rig.write(5, 0x1000, 3)).isEqualTo(TransferStatus.OK);
      assertThat(rig.at(0x8000)).isEqualTo(3);
      assertThat(rig.write(5, 0x2000, 3)).isEqualTo(TransferStatus.FAULT);
      rig.driver.stop();
      assertThat(rig.held()).isEqualTo(rig.framesBefore);
    }
  }
}
