package org.ioasis.domain.client;

/**
 * An object behind a handle, as the table of identities sees it.
 *
 * <p><b>Threading:</b> called without a lock of the table.
 */
public interface Kept {
  /** For messages: kind, id and name, for example {@code ioas 7 (nic)}. */
  String title();

  /**
   * The object's part of its end. Called once, when nothing uses it any more and its handle no
   * longer resolves, before its id can be reused. Never throws for a reason of its own. What it
   * uses is let go by the table afterwards.
   */
  void end();

  /**
   * Whether something of it lives on after {@link #end}, so that its id must not be reused yet. It
   * calls {@link Objects#bury} then when that has gone.
   */
  default boolean lingers() {
    return false;
  }

  /**
   * What a later instance of the bundle needs to go on with it, made of classes of the Java
   * platform and of the API only; null if it ends with this instance.
   */
  default Object leave() {
    return null;
  }
}
