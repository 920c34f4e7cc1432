package org.ioasis.api.driver;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ioasis.api.Blob;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The driver of one unit. It reaches the unit by registers, memory and interrupts, and waits for
 * completions like any other software: the scheduler of the machine may be inline, threaded or in
 * steps.
 *
 * <p><b>Life.</b> {@link #start} or {@link #adopt}, then {@link #stop} or {@link #handOver}, then
 * {@link #close}. From {@link #start} to {@link #stop} every device that is attached to nothing is
 * blocked by the unit's own tables, whatever its port says.
 *
 * <p><b>Order.</b> Whenever something is taken away: entry changed, caches of the unit invalidated,
 * device TLBs invalidated, sync, and only then frames given back and the call returned.
 *
 * <p><b>Threading:</b> any thread, outside bursts. Calls on different devices and domains run side
 * by side; life-cycle calls exclude all others. No lock of the driver is held while a {@link
 * FaultSink} runs.
 */
@ProviderType
public interface IommuDriver extends AutoCloseable {
  /** In {@link #drain}: with any PASID and without. */
  int ALL_PASIDS = -2;

  /** Identity of the unit. */
  String unitId();

  /** Where it is in its life. */
  DriverState state();

  /** What can be asked for; in every state. */
  DriverCapabilities capabilities();

  /**
   * Takes a unit in any state, switches it off, makes empty tables and queues, and switches it on
   * with every device blocked.
   *
   * @throws org.ioasis.api.IoasisException TIMED_OUT or HARDWARE if the unit does not acknowledge,
   *     naming the register; EXHAUSTED without frames
   */
  void start(FaultSink sink);

  /**
   * Takes over a unit that translates, tables and queues included, without a window. Frames of the
   * environment's allocator that the tables do not reach are given back.
   *
   * @param handOver what the predecessor's {@link #handOver} returned, or null if it died: then the
   *     driver reads the tables
   * @throws org.ioasis.api.IoasisException MALFORMED or UNSUPPORTED if the state is not one this
   *     driver can continue; the unit is untouched and {@link #start} remains possible
   */
  AdoptReport adopt(Blob handOver, FaultSink sink);

  /**
   * Lets go: drains the queues, frees the vectors, and leaves the unit translating. Faults that
   * arrive meanwhile stay in the queues.
   *
   * @return what a successor of the same kind needs
   */
  Blob handOver();

  /**
   * Blocks every device, ends stalls, drains the queues, switches the unit off, and gives all
   * frames back.
   *
   * @return the devices that did not answer the last invalidations; they were isolated
   */
  SyncResult stop();

  /**
   * Makes a domain.
   *
   * @throws org.ioasis.api.IoasisException UNSUPPORTED naming the missing capability bit; INVALID
   *     if the vendor data is not legal; EXHAUSTED if no tag or frame is left
   */
  DriverDomain createDomain(DomainSpec spec);

  /**
   * Makes a device known; it is blocked until it is attached.
   *
   * @throws org.ioasis.api.IoasisException EXISTS if one of its source ids is known; INVALID if one
   *     is beyond the unit's tables
   */
  DriverDevice addDevice(DeviceFacts facts);

  /**
   * Whether refused requests of a device can wait for an answer behind this unit: it sends page
   * requests that the unit takes, or the unit holds its transactions. Only such a device may be
   * attached to a domain with {@link DomainFlag#FAULT_CAPABLE}. The device need not be known.
   */
  boolean isFaultCapable(DeviceFacts facts);

  /**
   * Hands everything to the sink that the unit had queued for this source before the call, and
   * waits until requests under way at the call have reached the queue.
   *
   * @param pasid a PASID, {@link org.ioasis.api.machine.DmaRequest#NO_PASID} for requests without
   *     one, or {@link #ALL_PASIDS}
   */
  SyncResult drain(int sourceId, int pasid);

  /**
   * Answers groups and stalled transactions, in order, as one batch.
   *
   * @return how many were answered, and why it ended there; an answer to something that the
   *     hardware has ended by itself counts as answered
   */
  BatchResult respond(List<FaultAnswer> answers);

  /**
   * An optional capability.
   *
   * @param type {@link VirtualIommuSupport}, {@link InterruptRemapping}, {@link PasidCommands}, or
   *     a newcomer's contract
   * @return empty if driver or unit lacks it
   */
  <T> Optional<T> capability(Class<T> type);

  /** What was sent, lost, retried, refused and timed out so far, by name; a snapshot. */
  Map<String, Long> counters();

  /** Forgets everything; stops first if it still runs. */
  @Override
  void close();
}
