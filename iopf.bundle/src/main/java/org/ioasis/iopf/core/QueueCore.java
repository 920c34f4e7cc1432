package org.ioasis.iopf.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultRecords;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.iopf.core.GroupCore.Send;

/**
 * A user's queue: groups that wait to be read, and groups that were read and wait for an answer.
 *
 * <p><b>Threading:</b> any thread. {@code this} guards the queue; no signal, driver or answer runs
 * under it. {@code reading} and {@code writing} serialise readers and writers.
 */
final class QueueCore implements FaultQueue {
  private final Queues queues;
  private final Handle<FaultQueue> handle;
  private final long owner;
  private final int capacity;
  private final Set<GroupCore> unread = new LinkedHashSet<>();
  private final Map<Integer, GroupCore> read = new HashMap<>();
  private final Cookies cookies = new Cookies();
  private final Object reading = new Object();
  private final Object writing = new Object();
  private int unreadFaults;
  private long overflows;
  private boolean ended;
  private volatile Runnable signal;

  QueueCore(Queues queues, Handle<FaultQueue> handle, long owner, int capacity) {
    this.queues = queues;
    this.handle = handle;
    this.owner = owner;
    this.capacity = capacity;
  }

  String name() {
    return "queue " + handle.id();
  }

  long owner() {
    return owner;
  }

  /** Takes a group in; the way to refuse it otherwise. */
  Ending offer(GroupCore group) {
    boolean first;
    synchronized (this) {
      if (ended) {
        return Ending.NO_QUEUE;
      }
      if (unreadFaults + group.faults().size() > capacity) {
        overflows++;
        return Ending.OVERFLOW;
      }
      group.cookie = cookies.next();
      group.queue = this;
      first = unread.isEmpty();
      unread.add(group);
      unreadFaults += group.faults().size();
    }
    if (!group.open()) {
      ended(group, group.ending()); // its end did not see that it is here
      return null;
    }
    if (first) {
      ring(signal);
    }
    return null;
  }

  private void ring(Runnable to) {
    if (to == null) {
      return;
    }
    try {
      to.run();
    } catch (RuntimeException e) {
      queues.threw(name() + " signal", e);
    }
  }

  /** A group of this queue has ended, in whatever way. */
  synchronized void ended(GroupCore group, Ending how) {
    if (unread.remove(group)) {
      unreadFaults -= group.faults().size();
      cookies.free(group.cookie);
    } else if (read.remove(group.cookie, group)) {
      if (how.counter() == null) {
        cookies.free(group.cookie);
      } else {
        cookies.retire(group.cookie);
      }
    }
  }

  @Override
  public Handle<FaultQueue> handle() {
    return handle;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public int read(ByteBuffer into) {
    int room = into.remaining();
    if (room % FaultRecords.BYTES != 0) {
      throw new IoasisException(
          Reason.MALFORMED,
          "read of %s refused: %d bytes are no multiple of %d"
              .formatted(name(), room, FaultRecords.BYTES));
    }
    synchronized (reading) {
      List<GroupCore> taken = new ArrayList<>();
      take(room / FaultRecords.BYTES, taken);
      int bytes = 0;
      for (GroupCore group : taken) {
        for (Fault fault : group.faults()) {
          FaultRecords.put(into, fault, group.cookie());
          bytes += FaultRecords.BYTES;
        }
      }
      return bytes;
    }
  }

  /** Moves groups from unread to read, as many as fit. */
  private synchronized void take(int records, List<GroupCore> taken) {
    requireAlive();
    int left = records;
    for (Iterator<GroupCore> i = unread.iterator(); i.hasNext(); ) {
      GroupCore group = i.next();
      int size = group.faults().size();
      if (size > left) {
        if (taken.isEmpty()) {
          throw new IoasisException(
              Reason.INVALID,
              "read of %s refused: the first group has %d records, there is room for %d"
                  .formatted(name(), size, records));
        }
        return;
      }
      i.remove();
      move(group);
      left -= size;
      taken.add(group);
    }
  }

  private void move(GroupCore group) {
    unreadFaults -= group.faults().size();
    read.put(group.cookie(), group);
  }

  @Override
  public Optional<FaultGroup> poll() {
    synchronized (this) {
      requireAlive();
      Iterator<GroupCore> i = unread.iterator();
      if (!i.hasNext()) {
        return Optional.empty();
      }
      GroupCore group = i.next();
      i.remove();
      move(group);
      return Optional.of(group);
    }
  }

  @Override
  public int write(ByteBuffer from) {
    if (from.remaining() % FaultRecords.RESPONSE_BYTES != 0) {
      throw new IoasisException(
          Reason.MALFORMED,
          "write to %s refused: %d bytes are no multiple of %d"
              .formatted(name(), from.remaining(), FaultRecords.RESPONSE_BYTES));
    }
    synchronized (writing) {
      int bytes = 0;
      while (from.hasRemaining()) {
        try {
          writeOne(from);
        } catch (IoasisException refused) {
          if (bytes == 0) {
            throw refused;
          }
          return bytes;
        }
        bytes += FaultRecords.RESPONSE_BYTES;
      }
      return bytes;
    }
  }

  /** Takes one record; the buffer moves only if it is accepted. */
  private void writeOne(ByteBuffer from) {
    ByteBuffer record = from.slice().order(ByteOrder.LITTLE_ENDIAN);
    int cookie = record.getInt();
    int code = record.getInt();
    FaultResponse response = null;
    for (FaultResponse one : FaultResponse.values()) {
      response = one.code() == code ? one : response;
    }
    if (response == null) {
      throw new IoasisException(
          Reason.INVALID,
          "answer to cookie %d of %s refused: there is no code %d".formatted(cookie, name(), code));
    }
    answer(cookie, response, Reason.INVALID);
    from.position(from.position() + FaultRecords.RESPONSE_BYTES);
  }

  @Override
  public void complete(int cookie, FaultResponse response) {
    answer(cookie, Objects.requireNonNull(response, "response"), Reason.NOT_FOUND);
  }

  private void answer(int cookie, FaultResponse response, Reason unknown) {
    GroupCore group;
    synchronized (this) {
      requireAlive();
      group = read.get(cookie);
      if (group == null) {
        boolean given = cookies.wasGiven(cookie) && !isUnread(cookie);
        cookies.answered(cookie);
        throw refused(cookie, given ? Reason.LATE : unknown);
      }
    }
    if (!group.end(Ending.answered(response, name()), Send.HERE)) {
      synchronized (this) {
        cookies.answered(cookie);
      }
      throw group.late();
    }
  }

  private boolean isUnread(int cookie) {
    return unread.stream().anyMatch(group -> group.cookie == cookie);
  }

  private IoasisException refused(int cookie, Reason reason) {
    if (reason == Reason.LATE) {
      queues.countLate();
    }
    return new IoasisException(
        reason,
        "answer to cookie %d of %s refused: %s"
            .formatted(
                cookie,
                name(),
                reason == Reason.LATE
                    ? "its group has been answered"
                    : "no group that was read has it"));
  }

  @Override
  public void onReadable(Runnable newSignal) {
    signal = newSignal;
    if (readable()) {
      ring(newSignal);
    }
  }

  @Override
  public synchronized boolean readable() {
    return !unread.isEmpty();
  }

  @Override
  public synchronized int unanswered() {
    return read.size();
  }

  /** Faults that wait to be read. */
  synchronized int unreadFaults() {
    return unreadFaults;
  }

  @Override
  public synchronized long overflows() {
    return overflows;
  }

  private void requireAlive() {
    if (ended) {
      throw new IoasisException(Reason.NOT_FOUND, name() + " refused: it was ended");
    }
  }

  @Override
  public void destroy() {
    if (queues.isUsed(handle)) {
      throw new IoasisException(
          Reason.BUSY, "end of %s refused: a domain sends its faults to it".formatted(name()));
    }
    endNow();
  }

  /** Ends it whoever uses it: its owner has gone. */
  void endNow() {
    List<GroupCore> left;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      left = new ArrayList<>(unread);
      left.addAll(read.values());
    }
    queues.forget(this);
    left.forEach(group -> group.end(Ending.QUEUE_ENDED, Send.HERE));
  }
}
