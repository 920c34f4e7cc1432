package org.ioasis.vtd.hardware;

import org.ioasis.api.machine.Work;
import org.ioasis.kit.layout.Field;
import org.ioasis.kit.registers.RegisterFile;
import org.ioasis.vtd.format.Ccmd;
import org.ioasis.vtd.format.IotlbRegisters;
import org.ioasis.vtd.format.RegisterMap;

/**
 * Invalidation by register: CCMD for the context-cache, IVA and IOTLB for the IOTLB. VT-d, "Context
 * Command Register", "IOTLB Invalidate Register".
 *
 * <p>The go bit falls when the bursts that were open at the invalidation have ended; the
 * granularity done is reported then. A reserved granularity or an address mask above MAMV completes
 * at once with granularity 0, and so does every command while QIES=1 or RTADDR.TTM is not legacy,
 * where this interface must not be used.
 *
 * <p><b>Threading:</b> {@link #contextWritten} and {@link #iotlbWritten} under the unit's lock;
 * turns by the scheduler.
 */
final class RegisterInvalidation implements Work {
  private final UnitCore core;
  private final RegisterFile<VtdUnit> registers;
  private final TranslationCaches caches;
  private final InvalidationQueue queue;
  private final int domainMask;
  private final Command context;
  private final Command iotlb;

  /** One command register and how far it is; guarded by the unit's lock. */
  private static final class Command {
    final int offset;
    final Field go;
    final Field done;
    boolean requested;
    boolean performed;
    int granularity;
    long ticket;

    Command(int offset, Field go, Field done) {
      this.offset = offset;
      this.go = go;
      this.done = done;
    }
  }

  RegisterInvalidation(UnitCore core, TranslationCaches caches, InvalidationQueue queue) {
    this.core = core;
    this.registers = core.registers;
    this.caches = caches;
    this.queue = queue;
    this.domainMask = (1 << core.capabilities.domainIdBits()) - 1;
    this.context = new Command(RegisterMap.CCMD, Ccmd.ICC, Ccmd.CAIG);
    this.iotlb =
        new Command(core.capabilities.ivaOffset() + 8, IotlbRegisters.IVT, IotlbRegisters.IAIG);
  }

  /** Software wrote the upper half of CCMD. */
  void contextWritten(long value) {
    start(context, value, (int) Ccmd.CIRG.get(value));
  }

  /** Software wrote the upper half of IOTLB. */
  void iotlbWritten(long value) {
    int granularity = (int) IotlbRegisters.IIRG.get(value);
    if (granularity == IotlbRegisters.PAGE) {
      granularity = pageGranularity();
    }
    start(iotlb, value, granularity);
  }

  private int pageGranularity() {
    long iva = registers.peek(core.capabilities.ivaOffset());
    if (!core.capabilities.pageSelective()) {
      return IotlbRegisters.DOMAIN;
    }
    boolean tooLarge = IotlbRegisters.AM.get(iva) > core.capabilities.mamv();
    return tooLarge ? 0 : IotlbRegisters.PAGE;
  }

  private void start(Command command, long value, int granularity) {
    if (!command.go.isSet(value) || command.requested) {
      return;
    }
    boolean legal = !queue.isEnabled() && core.latched.ttm() == Latched.TTM_LEGACY;
    command.granularity = legal ? granularity : 0;
    if (command.granularity == 0) {
      complete(command);
    } else {
      command.requested = true;
      core.later(UnitCore.RUN_REGISTERS);
    }
  }

  private void complete(Command command) {
    command.requested = false;
    command.performed = false;
    registers.clearBits(command.offset, command.go.mask() | command.done.mask());
    registers.setBits(command.offset, command.done.of(command.granularity));
  }

  /** Forgets commands under way: reset and import. Under the lock. */
  void restore() {
    context.requested = false;
    context.performed = false;
    iotlb.requested = false;
    iotlb.performed = false;
  }

  @Override
  public Progress run() {
    core.enter();
    try {
      boolean contextWaits = advance(context);
      boolean iotlbWaits = advance(iotlb);
      return contextWaits || iotlbWaits ? Progress.WAITING : Progress.DONE;
    } finally {
      core.leave();
    }
  }

  private boolean advance(Command command) {
    if (!command.requested) {
      return false;
    }
    if (!command.performed) {
      perform(command);
      command.performed = true;
      command.ticket = core.environment.graceTicket();
    }
    if (!core.environment.graceElapsed(command.ticket)) {
      return true;
    }
    complete(command);
    return false;
  }

  private void perform(Command command) {
    long value = registers.peek(command.offset);
    if (command == context) {
      invalidateContext(value, command.granularity);
    } else {
      invalidateIotlb(value, command.granularity);
    }
  }

  private void invalidateContext(long value, int granularity) {
    int domain = (int) Ccmd.DID.get(value) & domainMask;
    switch (granularity) {
      case Ccmd.GLOBAL -> caches.invalidateContextGlobal();
      case Ccmd.DOMAIN -> caches.invalidateContextDomain(domain);
      default ->
          caches.invalidateContextDevice(
              (int) Ccmd.SID.get(value), (int) Ccmd.FM.get(value), domain);
    }
  }

  private void invalidateIotlb(long value, int granularity) {
    int domain = (int) IotlbRegisters.DID.get(value) & domainMask;
    switch (granularity) {
      case IotlbRegisters.GLOBAL -> caches.invalidateIotlbGlobal();
      case IotlbRegisters.DOMAIN -> caches.invalidateIotlbDomain(domain);
      default -> {
        long iva = registers.peek(core.capabilities.ivaOffset());
        caches.invalidateIotlbPages(
            domain,
            IotlbRegisters.ADDR.inPlace(iva),
            (int) IotlbRegisters.AM.get(iva),
            IotlbRegisters.IH.isSet(iva));
      }
    }
  }
}
