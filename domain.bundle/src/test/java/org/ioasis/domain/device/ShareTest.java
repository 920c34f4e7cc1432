package org.ioasis.domain.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.Rig.NO_PASID;
import static org.ioasis.domain.Rig.RW;
import static org.ioasis.domain.Rig.refusal;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.Reason;
import org.ioasis.api.device.Attachment;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.device.SharePolicy;
import org.ioasis.api.device.ShareReport;
import org.ioasis.api.device.ShareRequest;
import org.ioasis.api.device.UnshareMode;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.Mapping;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.unit.Meddler;
import org.ioasis.testing.Requirement;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sharing and unsharing of spaces, and mapping in one call. */
class ShareTest {
  private final Meddler driver = new Meddler(new VtdDriverFactory());
  private Rig rig;
  private TestDevice nic;
  private TestDevice disk;
  private Device mover;
  private Device host;
  private AddressSpace own;
  private AddressSpace shared;
  private MemorySource memory;

  @BeforeEach
  void start() {
    rig = new Rig().vtd("dmar0", Rig.SECOND).drivers(driver);
    nic = rig.device("nic", 0x20);
    disk = rig.device("disk", 0x21);
    mover = rig.bind(nic);
    host = rig.bind(disk);
    own = rig.space("own");
    shared = rig.space("shared");
    memory = rig.memory("m", 8);
    shared.map(MapRequest.of(memory.handle(), 0, 4 * Rig.PAGE, RW).at(0x10000));
    Rig.attach(host, shared);
    Rig.attach(mover, own);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private DeviceService service() {
    return rig.core.deviceService(rig.client);
  }

  private ShareRequest request(SharePolicy policy) {
    return ShareRequest.move(mover.handle()).into(host.handle(), policy);
  }

  private void ownMapping(long iova, long offset) {
    own.map(MapRequest.of(memory.handle(), offset, Rig.PAGE, RW).at(iova));
  }

  @Test
  @Requirement({39, 40})
  void discardLosesTheTargetsMappingsAndTheDryRunListsThem() {
    ownMapping(0x90000, 0);
    ShareReport dry = service().shareDryRun(request(SharePolicy.DISCARD));
    assertThat(dry.performed()).isFalse();
    assertThat(dry.lost()).extracting(m -> m.range().first()).containsExactly(0x90000L);
    assertThat(dry.refusal()).isEmpty();
    assertThat(nic.reads(0x90000)).as("a dry run changes nothing").isTrue();

    ShareReport report = service().share(request(SharePolicy.DISCARD));
    assertThat(report.performed()).isTrue();
    assertThat(report.into()).isEqualTo(shared.handle());
    assertThat(report.lost()).isEqualTo(dry.lost());
    assertThat(report.attachment().domain()).isEqualTo(host.attachments().get(0).domain());
    assertThat(nic.reads(0x90000)).isFalse();
    assertThat(nic.store(0x10000, 11)).isTrue();
    assertThat(disk.load(0x10000)).isEqualTo(11);
    assertThat(own.mappingCount()).as("the space itself is its owner's").isEqualTo(1);
  }

  @Test
  @Requirement(40)
  void keepIsRefusedUnlessEverythingIsThereAlready() {
    ownMapping(0x11000, Rig.PAGE);
    assertThat(service().share(request(SharePolicy.KEEP)).performed()).isTrue();
    mover.unshare(UnshareMode.COPY);
    assertThat(nic.reads(0x11000)).isTrue();
  }

  @Test
  @Requirement(40)
  void keepNamesWhatIsMissing() {
    ownMapping(0x11000, Rig.PAGE);
    ownMapping(0x12000, 0); // other memory than the shared space has there
    ShareReport dry = service().shareDryRun(request(SharePolicy.KEEP));
    assertThat(dry.refusal()).contains("0x12000..0x12fff").doesNotContain("0x11000");
    var refused = refusal(() -> service().share(request(SharePolicy.KEEP)));
    assertThat(refused.reason()).isEqualTo(Reason.EXISTS);
    assertThat(nic.reads(0x12000)).isTrue();
    assertThat(nic.reads(0x10000)).isFalse();
  }

  @Test
  @Requirement(40)
  void mergeCopiesAllOrRefusesWithWhatCollides() {
    ownMapping(0x90000, 5 * Rig.PAGE);
    ShareReport report = service().share(request(SharePolicy.MERGE_OR_FAIL));
    assertThat(report.merged()).extracting(m -> m.range().first()).containsExactly(0x90000L);
    assertThat(disk.reads(0x90000)).as("it is everybody's now").isTrue();
    assertThat(nic.reads(0x90000)).isTrue();
    assertThat(nic.reads(0x10000)).isTrue();
  }

  @Test
  @Requirement(40)
  void aMergeThatCollidesChangesNothing() {
    ownMapping(0x90000, 0);
    ownMapping(0x11000, 0);
    var refused = refusal(() -> service().share(request(SharePolicy.MERGE_OR_FAIL)));
    assertThat(refused.reason()).isEqualTo(Reason.EXISTS);
    assertThat(refused).hasMessageContaining("0x11000..0x11fff");
    assertThat(disk.reads(0x90000)).isFalse();
    assertThat(nic.reads(0x90000)).isTrue();
  }

  @Test
  @Requirement(41)
  void unshareCopyHasNoMomentInWhichADmaIsRefused() {
    service().share(request(SharePolicy.DISCARD));
    driver.before("device.replace", () -> assertThat(nic.reads(0x10000)).isTrue());
    driver.after("device.replace", () -> assertThat(nic.reads(0x10000)).isTrue());
    Attachment after = mover.unshare(UnshareMode.COPY);
    assertThat(after.hitless()).isTrue();
    assertThat(driver.count("device.detach")).isZero();
    assertThat(nic.port().isOpen()).isTrue();
    assertThat(after.domain()).isNotEqualTo(host.attachments().get(0).domain());
    // the copy shares the memory and nothing else
    nic.store(0x10000, 3);
    assertThat(disk.load(0x10000)).isEqualTo(3);
    List<Mapping> theirs = new ArrayList<>();
    shared.mappings(org.ioasis.api.IovaRange.ALL, theirs::add);
    assertThat(theirs).hasSize(1);
    shared.unmapAll();
    assertThat(disk.reads(0x10000)).isFalse();
    assertThat(nic.reads(0x10000)).isTrue();
  }

  @Test
  @Requirement(41)
  void unshareEmptyLeavesNothingAndDisturbsNobodyElse() {
    service().share(request(SharePolicy.DISCARD));
    mover.unshare(UnshareMode.EMPTY);
    assertThat(nic.reads(0x10000)).isFalse();
    assertThat(disk.reads(0x10000)).isTrue();
  }

  @Test
  @Requirement(35)
  void onlyTheOwnerOfBothMayShare() {
    DeviceService other = rig.core.deviceService(new Client(9, "other", () -> false));
    assertThat(refusal(() -> other.share(request(SharePolicy.DISCARD))).reason())
        .isEqualTo(Reason.DENIED);
  }

  @Test
  @Requirement({36, 37, 38})
  void oneCallMapsAndNothingElseIsNeeded() {
    TestDevice gpu = rig.device("gpu", 0x30);
    Device device = service().bind("gpu", new Binding("user driver", 1, true));
    long iova = device.map(MapRequest.of(memory.handle(), 0, Rig.PAGE, RW));
    assertThat(gpu.store(iova, 99)).isTrue();
    assertThat(disk.load(0x10000)).isEqualTo(99);
    device.map(MapRequest.of(memory.handle(), Rig.PAGE, Rig.PAGE, DmaRequest.READ).at(0x700000));
    assertThat(gpu.reads(0x700000)).isTrue();
    assertThat(device.attachments()).hasSize(1);
    int objects = rig.objects.size();
    device.destroy();
    assertThat(rig.objects.size())
        .as("binding, domain and space went together")
        .isEqualTo(objects - 3);
  }

  @Test
  @Requirement(38)
  void mappingAloneIsRefusedToAnExplicitBinding() {
    var refused = refusal(() -> mover.map(MapRequest.of(memory.handle(), 0, Rig.PAGE, RW)));
    assertThat(refused.reason()).isEqualTo(Reason.INVALID);
    assertThat(refused).hasMessageContaining("implicit");
    assertThat(mover.attachments().get(0).key().pasid()).isEqualTo(NO_PASID);
  }

  @Test
  @Requirement({2, 39, 42})
  void twoFrameworksShareOneMapAndTheLastCloseEndsIt() {
    // a VFIO-like and a vDPA-like client, both of this bundle's services alone
    Client vfio = new Client(11, "vfio-like", () -> false);
    Client vdpa = new Client(12, "vdpa-like", () -> false);
    TestDevice one = rig.device("vf0", 0x40);
    TestDevice two = rig.device("vf1", 0x41);
    Device first = rig.core.deviceService(vfio).bind("vf0", Binding.of("vm", 1));
    Device second = rig.core.deviceService(vdpa).bind("vf1", Binding.of("vm", 2));
    Rig.attach(first, shared);
    Rig.attach(second, shared);
    assertThat(one.store(0x11000, 7)).isTrue();
    assertThat(two.load(0x11000)).isEqualTo(7);
    assertThat(shared.domains()).as("one table serves all three").hasSize(1);
    rig.objects.endClient(vfio);
    assertThat(one.reads(0x11000)).isFalse();
    assertThat(two.reads(0x11000)).isTrue();
    rig.objects.endClient(vdpa);
    host.detach(NO_PASID);
    assertThat(shared.domains()).isEmpty();
    shared.destroy();
  }
}
