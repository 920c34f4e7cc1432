package org.ioasis.api.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;

/** The bytes of the kernel's fault record, written by hand from its offsets. */
class FaultRecordsTest {
  private static final Handle<Device> DEVICE = new Handle<>(Device.class, 5, 0, 1);
  private static final Handle<Domain> DOMAIN = new Handle<>(Domain.class, 9, 0, 1);

  @Test
  @Requirement(55)
  void aFaultWithAPasid() {
    ByteBuffer bytes = ByteBuffer.allocate(44).position(4);
    int access = DmaRequest.READ | DmaRequest.WRITE;
    FaultRecords.put(bytes, fault(0xABCDE, 0x1122_3344_5566_7000L, access, false, true), 0x2A);
    assertThat(bytes.position()).isEqualTo(44);
    assertThat(HexFormat.of().formatHex(bytes.array(), 4, 44))
        .isEqualTo(
            "03000000"
                + "05000000"
                + "debc0a00"
                + "55000000"
                + "03000000"
                + "00000000"
                + "0070665544332211"
                + "00000000"
                + "2a000000");
  }

  @Test
  @Requirement(55)
  void aPrivilegedFetchWithoutAPasidThatIsNotTheLast() {
    ByteBuffer bytes = ByteBuffer.allocate(40).order(ByteOrder.BIG_ENDIAN);
    FaultRecords.put(bytes, fault(DmaRequest.NO_PASID, 0x1000, DmaRequest.EXECUTE, true, false), 1);
    assertThat(HexFormat.of().formatHex(bytes.array()))
        .isEqualTo(
            "00000000"
                + "05000000"
                + "00000000"
                + "55000000"
                + "0c000000"
                + "00000000"
                + "0010000000000000"
                + "00000000"
                + "01000000");
  }

  @Test
  void aRecordThatDoesNotFitWritesNothing() {
    ByteBuffer bytes = ByteBuffer.allocate(39);
    assertThatThrownBy(() -> FaultRecords.put(bytes, fault(1, 0x1000, 1, false, true), 1))
        .isInstanceOf(BufferOverflowException.class);
    assertThat(bytes.position()).isZero();
    assertThat(bytes.array()).containsOnly(0);
  }

  @Test
  void responseCodesAreTheKernels() {
    assertThat(FaultResponse.SUCCESS.code()).isZero();
    assertThat(FaultResponse.INVALID.code()).isEqualTo(1);
  }

  private static Fault fault(
      int pasid, long address, int access, boolean privileged, boolean last) {
    RecoverableFault source =
        new RecoverableFault(
            FaultKind.PAGE_REQUEST,
            0x20,
            pasid,
            address,
            access,
            privileged,
            0x55,
            last,
            FaultStage.UNKNOWN,
            FaultClass.UNKNOWN,
            0,
            new Blob("test.record", ByteBuffer.allocate(0)),
            0);
    Route route = Route.of(new RoutingKey(0x20, pasid), DEVICE, 7, DOMAIN, 1);
    return new Fault(DEVICE, 0, pasid, address, access, privileged, 0x55, last, 0, route, source);
  }
}
