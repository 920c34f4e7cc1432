package org.ioasis.api.fault;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.ioasis.api.Handle;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A bounded queue of faults for a user who answers by cookie: the kernel's fault object. It lives
 * on its own, may serve several domains, and cannot be destroyed while one uses it.
 *
 * <p>Cookies are the first free number from 1. One whose group ended otherwise than by its reader
 * is not given again before the reader has tried to answer it, so a late answer never meets another
 * group.
 *
 * <p><b>Threading:</b> any thread; reads and writes are each serialised.
 */
@ProviderType
public interface FaultQueue {
  /** The right to use it. */
  Handle<FaultQueue> handle();

  /** Most faults it holds unread; a group that does not fit is answered INVALID and counted. */
  int capacity();

  /**
   * Reads whole groups as {@link FaultRecords}, as many as fit. Never waits.
   *
   * @return bytes read, 0 if nothing is queued
   * @throws org.ioasis.api.IoasisException MALFORMED if the room is not a multiple of 40 bytes;
   *     INVALID if the first group does not fit
   */
  int read(ByteBuffer into);

  /**
   * Answers groups by response records.
   *
   * @return bytes accepted; less than given if a later record is refused
   * @throws org.ioasis.api.IoasisException MALFORMED if not a multiple of 8 bytes; INVALID if the
   *     first record has an unknown cookie or code; LATE if its group has been answered
   */
  int write(ByteBuffer from);

  /** The next group as an object, or empty; for users inside. */
  Optional<FaultGroup> poll();

  /**
   * Answers a group that was read.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND for a cookie that was never given; LATE if the
   *     group has been answered
   */
  void complete(int cookie, FaultResponse response);

  /**
   * Runs {@code signal} whenever the queue becomes readable; replaces the earlier one. It must not
   * block. Null for none.
   */
  void onReadable(Runnable signal);

  /** Whether a group is queued. */
  boolean readable();

  /** Groups read and not answered. */
  int unanswered();

  /** Groups that did not fit. */
  long overflows();

  /**
   * Ends the queue; what is open is answered INVALID.
   *
   * @throws org.ioasis.api.IoasisException BUSY while a domain uses it
   */
  void destroy();
}
