package org.ioasis.amdvi.hardware;

import static org.ioasis.amdvi.format.InvalidDeviceRequest.*;

import org.ioasis.amdvi.format.AddressMap;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.IoPageFault;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;

/**
 * Requests into address windows that are no memory, while IommuEn=1. "Special Address Ranges",
 * "INVALID_DEVICE_REQUEST Event".
 *
 * <p>A write into the interrupt window FEExxxxxh is an interrupt; the remapper decides about it.
 * The HyperTransport windows exist unless EFR2.HTRangeIgnore or the profile says otherwise;
 * interrupt packets of HyperTransport are forwarded or blocked, never remapped.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Windows {
  private final Translator translator;
  private final Faults faults;
  private final boolean hyperTransport;

  Windows(Translator translator, Faults faults, boolean hyperTransport) {
    this.translator = translator;
    this.faults = faults;
    this.hyperTransport = hyperTransport;
  }

  /** Whether an address is no memory. */
  boolean contain(long address) {
    return AddressMap.isInterrupt(address)
        || (hyperTransport && AddressMap.isHyperTransport(address));
  }

  /** The answer to a request into a window. */
  long answer(DmaRequest request, boolean probe) {
    if (request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST) {
      return faults.invalidRequest(request, TRANSLATION_OF_SPECIAL_RANGE, probe);
    }
    return AddressMap.isInterrupt(request.iova())
        ? interrupt(request, probe)
        : hyperTransport(request, probe);
  }

  private long interrupt(DmaRequest request, boolean probe) {
    if (request.access() != DmaRequest.WRITE) {
      return faults.invalidRequest(request, READ_OF_INTERRUPT_RANGE, probe);
    }
    if (request.hasPasid()) {
      DeviceEntry device = translator.device(request.sourceId() & 0xFFFF);
      return faults.page(request, device, request.pasid(), IoPageFault.I.mask(), probe);
    }
    return forward(request);
  }

  private static long forward(DmaRequest request) {
    request.granted(request.access());
    return Translation.ofNotRam(request.iova(), AddressMap.INTERRUPT_LG2);
  }

  private long hyperTransport(DmaRequest request, boolean probe) {
    DeviceEntry device = translator.device(request.sourceId() & 0xFFFF);
    boolean reads = request.access() != DmaRequest.WRITE;
    if (device == null) {
      return probe ? translator.probe(request) : translator.translate(request);
    }
    return switch (AddressMap.hyperTransport(request.iova())) {
      case AddressMap.HT_INTERRUPT -> htInterrupt(request, device, reads, probe);
      case AddressMap.HT_PORT_IO -> portIo(request, device, probe);
      case AddressMap.HT_SYSTEM_MANAGEMENT -> systemManagement(request, device, reads, probe);
      case AddressMap.HT_RESERVED_INTERRUPT ->
          faults.invalidRequest(
              request, reads ? READ_OF_INTERRUPT_RANGE : RESERVED_INTERRUPT_RANGE, probe);
      default ->
          faults.invalidRequest(
              request, reads ? SYSTEM_MANAGEMENT_READ : SYSTEM_MANAGEMENT_WRITE, probe);
    };
  }

  private long htInterrupt(DmaRequest request, DeviceEntry device, boolean reads, boolean probe) {
    if (reads) {
      return faults.invalidRequest(request, READ_OF_INTERRUPT_RANGE, probe);
    }
    boolean forwards =
        !device.remapsInterrupts() || Dte.INT_CTL.get(device.word2) == Dte.INT_FORWARD;
    return forwards ? forward(request) : faults.invalidRequest(request, INTERRUPT_BLOCKED, probe);
  }

  private long portIo(DmaRequest request, DeviceEntry device, boolean probe) {
    int control = (int) Dte.IOCTL.get(device.word0, device.word1);
    if (!device.valid || control == Dte.RANGE_FORWARD) {
      return forward(request);
    }
    return control == Dte.IO_TRANSLATE
        ? memory(request, device, probe)
        : faults.invalidRequest(request, PORT_IO, probe);
  }

  private long systemManagement(
      DmaRequest request, DeviceEntry device, boolean reads, boolean probe) {
    int control = (int) Dte.SYSMGT.get(device.word0, device.word1);
    if (!device.valid || control == Dte.RANGE_FORWARD) {
      return forward(request);
    }
    return control == Dte.SYSTEM_TRANSLATE
        ? memory(request, device, probe)
        : faults.invalidRequest(
            request, reads ? SYSTEM_MANAGEMENT_READ : SYSTEM_MANAGEMENT_WRITE, probe);
  }

  private long memory(DmaRequest request, DeviceEntry device, boolean probe) {
    if (!device.translates) {
      return faults.invalidRequest(request, CONTROL_WITHOUT_TRANSLATION, probe);
    }
    return probe ? translator.probe(request) : translator.translate(request);
  }
}
