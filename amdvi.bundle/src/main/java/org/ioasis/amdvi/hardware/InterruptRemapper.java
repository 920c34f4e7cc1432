package org.ioasis.amdvi.hardware;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.Event;
import org.ioasis.amdvi.format.GaIrte;
import org.ioasis.amdvi.format.IllegalDevTableEntry;
import org.ioasis.amdvi.format.InterruptMessage;
import org.ioasis.amdvi.format.InvalidDeviceRequest;
import org.ioasis.amdvi.format.IoPageFault;
import org.ioasis.amdvi.format.Irte;
import org.ioasis.amdvi.format.TableHardwareError;
import org.ioasis.api.machine.MsiMessage;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.api.memory.Word128;

/**
 * Interrupt remapping. "Interrupt Remapping", the checks in order:
 *
 * <ol>
 *   <li>IommuEn=0, or IV=0: the interrupt passes unchanged.
 *   <li>Reserved bits of words 2 and 3 of the device table entry: ILLEGAL_DEV_TABLE_ENTRY.
 *   <li>Delivery mode: fixed and arbitrated by IntCtl; NMI, INIT and ExtINT by their pass bits and
 *       in physical mode only; SMI passes; others are blocked. With NumIntRemapMode=1 the bits of
 *       the delivery mode belong to the index, and IntCtl decides alone.
 *   <li>IntTabLen above 11: ILLEGAL_DEV_TABLE_ENTRY; index beyond the table: IO_PAGE_FAULT.
 *   <li>The entry: unreadable, RemapEn=0, IntType, guest mode or reserved bits.
 * </ol>
 *
 * <p><b>Threading:</b> any thread. A hit in the interrupt entry cache takes no lock and allocates
 * nothing; a refused interrupt takes the unit's lock to log its event.
 */
final class InterruptRemapper {
  private static final long MODE_BITS =
      InterruptMessage.DESTINATION.mask() | InterruptMessage.DM.mask();
  private static final long RESERVED = Irte.LAYOUT.reserved(0);
  private static final long GA_RESERVED_LO = GaIrte.LAYOUT.reserved(0);
  private static final long GA_RESERVED_HI = GaIrte.LAYOUT.reserved(1);

  private final UnitCore core;
  private final PhysicalMemory memory;
  private final Translator translator;
  private final InterruptEntryCache cache;
  private final EventLog log;
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong blocked = new AtomicLong();

  InterruptRemapper(UnitCore core, Translator translator, InterruptEntryCache cache, EventLog log) {
    this.core = core;
    this.memory = core.environment.memory();
    this.translator = translator;
    this.cache = cache;
    this.log = log;
  }

  /**
   * Remaps an interrupt in place.
   *
   * @return whether there is something to deliver
   */
  boolean remap(MsiMessage message) {
    long epoch = cache.epoch();
    Latched now = core.latched;
    if (!now.enabled) {
      return true;
    }
    DeviceEntry device = translator.device(message.sourceId() & 0xFFFF);
    if (device == null) {
      return withoutEntry(message, now);
    }
    boolean passes =
        !device.remapsInterrupts()
            || (!device.valid && core.capabilities.choices().interruptsPassWithoutV());
    if (passes) {
      return true;
    }
    if (device.interruptMalformed) {
      return illegalEntry(message, IllegalDevTableEntry.RZ.mask());
    }
    if (now.manyInterrupts) {
      return byControl(message, device, now, epoch);
    }
    int delivery = (int) InterruptMessage.DELIVERY.get(message.data());
    return switch (delivery) {
      case InterruptMessage.FIXED, InterruptMessage.ARBITRATED ->
          byControl(message, device, now, epoch);
      case InterruptMessage.SMI -> true;
      case InterruptMessage.NMI -> special(message, Dte.NMI_PASS.isSet(device.word2));
      case InterruptMessage.INIT -> special(message, Dte.INIT_PASS.isSet(device.word2));
      case InterruptMessage.EXT_INT -> special(message, Dte.EINT_PASS.isSet(device.word2));
      default -> block();
    };
  }

  /** An interrupt that is never remapped: blocked quietly in logical mode or without its bit. */
  private boolean special(MsiMessage message, boolean passes) {
    return (passes && !InterruptMessage.DM.isSet(message.address())) || block();
  }

  private boolean block() {
    blocked.incrementAndGet();
    return false;
  }

  private boolean byControl(MsiMessage message, DeviceEntry device, Latched now, long epoch) {
    return switch ((int) Dte.INT_CTL.get(device.word2)) {
      case Dte.INT_ABORT -> invalidRequest(message);
      case Dte.INT_FORWARD -> true;
      case Dte.INT_REMAP -> byTable(message, device, now, epoch);
      default -> illegalEntry(message, IllegalDevTableEntry.RZ.mask());
    };
  }

  private boolean byTable(MsiMessage message, DeviceEntry device, Latched now, long epoch) {
    int length = (int) Dte.INT_TAB_LEN.get(device.word2);
    if (length > Dte.MAX_INT_TAB_LEN) {
      return illegalEntry(message, 0);
    }
    int index = (int) InterruptMessage.INDEX.get(message.data());
    if (index >>> length != 0) {
      return pageFault(message, device, 0, false);
    }
    boolean wide = now.wideInterruptEntries;
    long key = InterruptEntryCache.key(device.deviceId(), index);
    InterruptEntryCache.Entry entry = now.interruptCacheDisabled ? null : cache.lookup(key);
    if (entry == null || entry.wide != wide) {
      long at = entryAddress(device, index, wide);
      entry = fetch(key, at, wide);
      if (entry == null) {
        return unreadable(message, device, at, wide);
      }
      long objection = objection(entry);
      if (objection != NONE) {
        return pageFault(message, device, objection, Irte.SUP_IOPF.isSet(entry.lo));
      }
      if (!now.interruptCacheDisabled) {
        cache.fill(epoch, entry);
      }
    }
    deliver(message, entry, now.x2Apic);
    return true;
  }

  private static long entryAddress(DeviceEntry device, int index, boolean wide) {
    int lg2 = wide ? GaIrte.BYTES_LG2 : Irte.BYTES_LG2;
    return Dte.INT_ROOT.inPlace(device.word2) + ((long) index << lg2);
  }

  private InterruptEntryCache.Entry fetch(long key, long at, boolean wide) {
    if (wide) {
      Word128 words = new Word128();
      return memory.load128(at, words) == MemoryStatus.OK
          ? new InterruptEntryCache.Entry(key, words.lo(), words.hi(), true)
          : null;
    }
    if (memory.status(at, Integer.BYTES) != MemoryStatus.OK) {
      return null;
    }
    return new InterruptEntryCache.Entry(key, memory.load32(at) & 0xFFFF_FFFFL, 0, false);
  }

  private static final long NONE = -1;

  /** PR and RZ of what is wrong with an entry, {@link #NONE} for nothing. */
  private static long objection(InterruptEntryCache.Entry entry) {
    if (!Irte.REMAP_EN.isSet(entry.lo)) {
      return 0;
    }
    boolean reserved =
        entry.wide
            ? ((entry.lo & GA_RESERVED_LO) | (entry.hi & GA_RESERVED_HI)) != 0
            : (entry.lo & RESERVED) != 0;
    boolean bad =
        reserved
            || Irte.INT_TYPE.get(entry.lo) > Irte.INT_TYPE_ARBITRATED
            || Irte.GUEST_MODE.isSet(entry.lo);
    return bad ? IoPageFault.PR.mask() | IoPageFault.RZ.mask() : NONE;
  }

  private static void deliver(MsiMessage message, InterruptEntryCache.Entry entry, boolean x2Apic) {
    int destination =
        entry.wide ? GaIrte.destination(entry.lo, entry.hi) : (int) Irte.DESTINATION.get(entry.lo);
    long vector = entry.wide ? GaIrte.VECTOR.get(entry.lo, entry.hi) : Irte.VECTOR.get(entry.lo);
    long address =
        InterruptMessage.address(x2Apic ? destination : destination & 0xFF, Irte.DM.get(entry.lo));
    long kept = message.address() & 0xFFFF_FFFFL & ~MODE_BITS;
    int data =
        (message.data()
                & ~(int) (InterruptMessage.VECTOR.mask() | InterruptMessage.DELIVERY.mask()))
            | (int) InterruptMessage.VECTOR.of(vector)
            | (int) InterruptMessage.DELIVERY.of(Irte.INT_TYPE.get(entry.lo));
    message.set(message.sourceId(), address | kept, data);
  }

  // ---- refusals ----

  private boolean report(long word0, long word1) {
    refused.incrementAndGet();
    log.report(word0, word1);
    return false;
  }

  private boolean withoutEntry(MsiMessage message, Latched now) {
    int deviceId = message.sourceId() & 0xFFFF;
    long at = now.entryAddress(deviceId);
    if (at >= 0) {
      MemoryStatus status = memory.status(at, Dte.BYTES);
      return report(Faults.deviceTableWord0(deviceId, status, IoPageFault.I.mask()), at);
    }
    return core.capabilities.choices().beyondTableIsPageFault()
        ? report(IoPageFault.word0(deviceId, 0, IoPageFault.I.mask()), message.address())
        : illegalEntry(message, 0);
  }

  private boolean illegalEntry(MsiMessage message, long flags) {
    return report(
        Event.CODE.of(Event.ILLEGAL_DEV_TABLE_ENTRY)
            | IllegalDevTableEntry.DEVICE_ID.of(message.sourceId() & 0xFFFF)
            | IllegalDevTableEntry.I.mask()
            | flags,
        message.address() & ~3L);
  }

  private boolean invalidRequest(MsiMessage message) {
    return report(
        Event.CODE.of(Event.INVALID_DEVICE_REQUEST)
            | InvalidDeviceRequest.DEVICE_ID.of(message.sourceId() & 0xFFFF)
            | InvalidDeviceRequest.TYPE.of(InvalidDeviceRequest.INTERRUPT_BLOCKED),
        message.address());
  }

  /** IO_PAGE_FAULT unless IG of the device or SupIOPF of the entry keeps it out of the log. */
  private boolean pageFault(
      MsiMessage message, DeviceEntry device, long flags, boolean suppressed) {
    if (suppressed || Dte.IG.isSet(device.word2)) {
      refused.incrementAndGet();
      log.suppressed();
      return false;
    }
    return report(
        IoPageFault.word0(device.deviceId(), device.domain, IoPageFault.I.mask() | flags),
        message.address());
  }

  private boolean unreadable(MsiMessage message, DeviceEntry device, long at, boolean wide) {
    if (core.capabilities.choices().unreadableIrteIsPageFault()) {
      return pageFault(message, device, 0, false);
    }
    int bytes = 1 << (wide ? GaIrte.BYTES_LG2 : Irte.BYTES_LG2);
    boolean poisoned = memory.status(at, bytes) == MemoryStatus.POISONED;
    return report(
        Event.CODE.of(Event.PAGE_TAB_HARDWARE_ERROR)
            | TableHardwareError.DEVICE_ID.of(device.deviceId())
            | TableHardwareError.DOMAIN_OR_PASID.of(device.domain)
            | TableHardwareError.I.mask()
            | TableHardwareError.TYPE.of(
                poisoned ? TableHardwareError.DATA_ERROR : TableHardwareError.MASTER_ABORT),
        at & ~7L);
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("interrupts.refused", refused.get());
    counters.put("interrupts.blocked", blocked.get());
  }
}
