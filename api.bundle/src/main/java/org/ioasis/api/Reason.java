package org.ioasis.api;

/**
 * Why a call was refused. Each constant parallels one error number of the kernel's user API, so
 * that an endpoint speaking that API translates without a table of special cases.
 */
public enum Reason {
  /** A value is outside its legal range or contradicts another one (EINVAL). */
  INVALID,
  /** No object, mapping or handler with this identity (ENOENT). */
  NOT_FOUND,
  /** The identity or range is already taken (EEXIST). */
  EXISTS,
  /** In use by another object; the message names the holder (EBUSY). */
  BUSY,
  /** The object is another owner's, or the right is missing (EPERM, EACCES). */
  DENIED,
  /** The unit, device or format lacks the capability; the message names the bit (EOPNOTSUPP). */
  UNSUPPORTED,
  /** No identifier, address range, frame or quota is left (ENOSPC, ENOMEM). */
  EXHAUSTED,
  /** The range is reserved or collides with a reserved range (EADDRINUSE). */
  RESERVED,
  /** The arithmetic of address and length leaves the address space (EOVERFLOW). */
  OVERFLOW,
  /** The memory behind an address is absent, poisoned or not writable (EFAULT). */
  MEMORY_FAULT,
  /** The bundle, unit or device that must serve the call is not there (ENODEV). */
  GONE,
  /** A bounded wait ended; the message names who did not answer (ETIMEDOUT). */
  TIMED_OUT,
  /** The answer came after the question had been closed (ESTALE). */
  LATE,
  /** The data is truncated or not of the stated format (EBADMSG). */
  MALFORMED,
  /** The result is larger than the place the caller gave for it (EMSGSIZE). */
  TOO_LARGE,
  /** The hardware reported an error of its own (EIO). */
  HARDWARE
}
