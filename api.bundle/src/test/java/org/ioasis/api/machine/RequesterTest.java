package org.ioasis.api.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words by which units look a requester up. */
class RequesterTest {
  private final DmaRequest request = new DmaRequest();

  private long requester(int source, int pasid) {
    return request.set(source, pasid, 0, 4, DmaRequest.READ).requester();
  }

  @Test
  void sourceAndPasid() {
    assertThat(requester(0, DmaRequest.NO_PASID)).isZero();
    assertThat(requester(0x108, DmaRequest.NO_PASID)).isEqualTo(0x108L << 21);
    assertThat(requester(0x108, 0)).isEqualTo(0x108L << 21 | 1);
    assertThat(requester(0x108, 0xF_FFFF)).isEqualTo(0x108L << 21 | 0x10_0000);
    assertThat(requester(0xFFFF_FFFF, 0)).isEqualTo(0xFFFF_FFFFL << 21 | 1);
    assertThat(request.set(0x108, 7, 0, 4, DmaRequest.READ).pasid(9).requester())
        .isEqualTo(0x108L << 21 | 10);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x1F_FFFF, 0x20_0000, -2, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void aPasidThatIsNoneNamesNobodyElse(int pasid) {
    assertThat(requester(0x108, pasid)).isEqualTo(DmaRequest.NO_REQUESTER);
    assertThat(request.set(0x108, 0, 0, 4, DmaRequest.READ).pasid(pasid).requester())
        .isEqualTo(DmaRequest.NO_REQUESTER);
  }

  @Test
  void whatIsOrdinary() {
    assertThat(request.isOrdinary()).isTrue();
    assertThat(request.privileged(true).isOrdinary()).isFalse();
    assertThat(request.privileged(false).isOrdinary()).isTrue();
    assertThat(request.addressType(DmaRequest.AT_TRANSLATED).isOrdinary()).isFalse();
    assertThat(request.addressType(DmaRequest.AT_UNTRANSLATED).isOrdinary()).isTrue();
    assertThat(request.zeroLength(true).isOrdinary()).isFalse();
    assertThat(request.noSnoop(true).atomic(true).noWrite(true).isOrdinary()).isFalse();
    assertThat(request.set(1, 2, 3, 4, DmaRequest.WRITE).isOrdinary()).isTrue();
    assertThat(request.noSnoop(true).atomic(true).noWrite(true).isOrdinary()).isTrue();
  }
}
