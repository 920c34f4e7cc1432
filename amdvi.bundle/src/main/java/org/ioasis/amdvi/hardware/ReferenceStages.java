package org.ioasis.amdvi.hardware;

import java.util.Locale;
import org.ioasis.amdvi.format.Gcr3Entry;
import org.ioasis.amdvi.format.GuestPte;
import org.ioasis.amdvi.format.HostPde;
import org.ioasis.amdvi.format.HostPte;
import org.ioasis.kit.layout.Layout;

/**
 * The tables of the reference walk: v1 (host), GCR3 and v2 (guest), entry by entry. Shares no code
 * that decides with {@link HostWalk} and {@link GuestWalk}.
 *
 * <p><b>Threading:</b> confined to one walk.
 */
final class ReferenceStages {
  /** How a table walk ended. */
  enum End {
    /** A page. */
    PAGE,
    /** An entry is not present, or the address is beyond the tables. */
    NOT_PRESENT,
    /** No right. */
    DENIED,
    /** A reserved bit. */
    RESERVED,
    /** Level or size. */
    LEVEL,
    /** An entry cannot be read. */
    UNREADABLE,
    /** GuestPagingMode or GLX is illegal. */
    ILLEGAL_MODE
  }

  /**
   * What a walk found.
   *
   * @param end how it ended
   * @param address of the byte asked for, or of the entry that cannot be read
   * @param lg2 log2 of the page
   * @param rights {@link Access} bits, and {@link Walked#SUPERVISOR} if only supervisors have them
   * @param tracked whether a write would have to set D
   * @param host whether it ended in host tables under guest ones, and for which GPA
   * @param guestAddress that GPA
   * @param writes whether that was a write
   * @param why in words
   */
  record Found(
      End end,
      long address,
      int lg2,
      int rights,
      boolean tracked,
      boolean host,
      long guestAddress,
      boolean writes,
      String why) {
    static Found ended(End end, String why) {
      return new Found(end, 0, 0, 0, false, false, 0, false, why);
    }

    static Found unreadable(long address, String name) {
      return new Found(
          End.UNREADABLE, address, 0, 0, false, false, 0, false, name + " cannot be read");
    }

    static Found page(long address, int lg2, int rights, boolean tracked, String why) {
      return new Found(End.PAGE, address, lg2, rights, tracked, false, 0, false, why);
    }

    Found under(long gpa, boolean write) {
      return new Found(
          end, address, lg2, rights, tracked, true, gpa, write, "GPA 0x%x: %s".formatted(gpa, why));
    }

    boolean isPage() {
      return end == End.PAGE;
    }
  }

  private final Capabilities capabilities;
  private final Story story;
  private final DeviceEntry device;
  private final boolean rootIsGuestAddress;

  ReferenceStages(
      Capabilities capabilities, Story story, DeviceEntry device, boolean rootIsGuestAddress) {
    this.capabilities = capabilities;
    this.story = story;
    this.device = device;
    this.rootIsGuestAddress = rootIsGuestAddress;
  }

  /**
   * Walks the v1 table.
   *
   * @param needed READ and WRITE bits that every level must grant
   */
  Found host(long address, int needed) {
    int level = device.mode;
    if (level < 6 && !capabilities.choices().widthUnchecked()) {
      int width = 12 + 9 * level;
      if (address >>> width != 0) {
        return Found.ended(End.NOT_PRESENT, "the address is beyond 2^" + width);
      }
    }
    long table = device.hostRoot;
    boolean read = true;
    boolean write = true;
    for (; ; ) {
      int index = (int) (address >>> (12 + 9 * (level - 1))) & 0x1FF;
      String name = String.format(Locale.ROOT, "v1-L%d[0x%x]", level, index);
      long at = table + index * 8L;
      long[] words = story.peek(at);
      if (words == null) {
        return Found.unreadable(at, name);
      }
      long entry = words[0];
      int next = (int) HostPte.NEXT_LEVEL.get(entry);
      boolean leaf = next == 0 || next == 7;
      Layout layout = leaf ? HostPte.LAYOUT : HostPde.LAYOUT;
      story.note(name, layout, at, words);
      if (!HostPte.PR.isSet(entry)) {
        return Found.ended(End.NOT_PRESENT, name + " has PR=0");
      }
      if ((entry & layout.reserved(0)) != 0) {
        return Found.ended(End.RESERVED, name + " has reserved bits");
      }
      read &= HostPte.IR.isSet(entry);
      write &= HostPte.IW.isSet(entry);
      int rights = (read ? Access.READ : 0) | (write ? Access.WRITE : 0);
      if ((needed & ~rights) != 0) {
        return Found.ended(End.DENIED, name + " leaves no right to the access");
      }
      if (leaf) {
        return leaf(address, entry, level, rights, name);
      }
      if (next >= level) {
        return Found.ended(
            End.LEVEL, "%s has NextLevel=%d at level %d".formatted(name, next, level));
      }
      for (int skipped = next + 1; skipped < level; skipped++) {
        if ((address >>> (12 + 9 * (skipped - 1)) & 0x1FF) != 0) {
          return Found.ended(
              End.LEVEL, "%s skips level %d, whose index is not 0".formatted(name, skipped));
        }
      }
      table = HostPde.ADDRESS.inPlace(entry);
      level = next;
    }
  }

  private Found leaf(long address, long entry, int level, int rights, String name) {
    int lg2 = 12 + 9 * (level - 1);
    if (HostPte.NEXT_LEVEL.get(entry) == 7) {
      int zero = 12;
      while (zero < 52 && (entry >>> zero & 1) != 0) {
        zero++;
      }
      int size = zero + 1;
      if (size <= lg2 || size >= lg2 + 9 || size > 51) {
        return Found.ended(End.LEVEL, "%s has size 2^%d at level %d".formatted(name, size, level));
      }
      lg2 = size;
    } else if (level == 6) {
      return Found.ended(End.LEVEL, name + " is a page at level 6");
    }
    long offset = (1L << lg2) - 1;
    long page = HostPte.ADDRESS.inPlace(entry) & ~offset;
    boolean tracked = device.had == 3 && !HostPte.D.isSet(entry);
    return Found.page(page | (address & offset), lg2, rights, tracked, name + " maps the page");
  }

  /** An address of a guest structure. */
  private Found through(long guestAddress, boolean nested, boolean write) {
    if (!nested) {
      return Found.page(guestAddress, 12, 0, false, "");
    }
    Found found = host(guestAddress, write ? Access.WRITE : Access.READ);
    return found.isPage() ? found : found.under(guestAddress, write);
  }

  /**
   * Walks GCR3 table, v2 table and what lies under them.
   *
   * @param needed READ, WRITE, EXECUTE
   * @param supervisor whether supervisor pages may be used
   */
  Found guest(int pasid, long address, int needed, boolean supervisor) {
    int levels = device.guestLevels;
    if (levels == 0 || device.glx > capabilities.maxGlx()) {
      return Found.ended(End.ILLEGAL_MODE, "GuestPagingMode or GLX is not supported");
    }
    int bits = Math.min(9 * (device.glx + 1), capabilities.pasidBits());
    if (pasid >= 1 << bits) {
      return Found.ended(End.NOT_PRESENT, "the PASID is beyond 2^" + bits);
    }
    int width = 12 + 9 * levels;
    boolean usable =
        pasid == 0
            ? address >>> width == 0
            : address >> (width - 1) == 0 || address >> (width - 1) == -1;
    if (!usable) {
      return Found.ended(End.NOT_PRESENT, "the address does not fit " + width + " bits");
    }
    Found root = root(pasid);
    if (!root.isPage()) {
      return root;
    }
    Found found = pages(root.address(), address, needed, supervisor);
    if (!found.isPage() || device.mode == 0) {
      return found;
    }
    return combine(found, needed);
  }

  private Found combine(Found guest, int needed) {
    int access =
        (needed & (Access.READ | Access.WRITE))
            | ((needed & Access.EXECUTE) != 0 ? Access.READ : 0);
    Found host = host(guest.address(), access);
    if (!host.isPage()) {
      return host.under(guest.address(), (needed & Access.WRITE) != 0);
    }
    int under = host.rights() | ((host.rights() & Access.READ) != 0 ? Access.EXECUTE : 0);
    return Found.page(
        host.address(),
        Math.min(guest.lg2(), host.lg2()),
        guest.rights() & (under | Walked.SUPERVISOR),
        guest.tracked() || host.tracked(),
        guest.why() + ", " + host.why());
  }

  private Found root(int pasid) {
    boolean nested = device.mode != 0 && rootIsGuestAddress;
    long table = device.gcr3Root;
    for (int level = device.glx; level >= 0; level--) {
      int index = pasid >>> (9 * level) & 0x1FF;
      String name = String.format(Locale.ROOT, "GCR3-L%d[0x%x]", level + 1, index);
      Found place = through(table + index * 8L, nested, false);
      if (!place.isPage()) {
        return place;
      }
      long[] words = story.read(name, Gcr3Entry.LAYOUT, place.address());
      if (words == null) {
        return Found.unreadable(place.address(), name);
      }
      if (!Gcr3Entry.V.isSet(words[0])) {
        return Found.ended(End.NOT_PRESENT, name + " is not valid");
      }
      if ((words[0] & Gcr3Entry.LAYOUT.reserved(0)) != 0) {
        return Found.ended(End.RESERVED, name + " has reserved bits");
      }
      table = Gcr3Entry.ADDRESS.inPlace(words[0]);
      nested = device.mode != 0;
    }
    return Found.page(table, 12, 0, false, "");
  }

  private Found pages(long root, long address, int needed, boolean supervisor) {
    boolean nested = device.mode != 0;
    long table = root;
    boolean write = true;
    boolean execute = true;
    boolean user = true;
    for (int level = device.guestLevels; ; level--) {
      int index = (int) (address >>> (12 + 9 * (level - 1))) & 0x1FF;
      String name = String.format(Locale.ROOT, "v2-L%d[0x%x]", level, index);
      long guestAt = table + index * 8L;
      Found place = through(guestAt, nested, false);
      if (!place.isPage()) {
        return place;
      }
      long[] words = story.read(name, GuestPte.LAYOUT, place.address());
      if (words == null) {
        return Found.unreadable(place.address(), name);
      }
      long entry = words[0];
      if (!GuestPte.P.isSet(entry)) {
        return Found.ended(End.NOT_PRESENT, name + " has P=0");
      }
      boolean large = level > 1 && GuestPte.PS.isSet(entry);
      boolean reserved =
          (GuestPte.NX.isSet(entry) && !capabilities.noExecute())
              || (large && level > 3)
              || (large && (entry & (1L << (12 + 9 * (level - 1))) - 1 & ~0x1FFFL) != 0);
      if (reserved) {
        return Found.ended(End.RESERVED, name + " has reserved bits");
      }
      write &= GuestPte.RW.isSet(entry);
      execute &= !GuestPte.NX.isSet(entry);
      user &= GuestPte.US.isSet(entry);
      boolean leaf = large || level == 1;
      if (leaf) {
        int rights =
            Access.READ
                | (write ? Access.WRITE : 0)
                | (execute ? Access.EXECUTE : 0)
                | (user ? 0 : Walked.SUPERVISOR);
        if ((needed & ~rights) != 0 || (needed != 0 && !user && !supervisor)) {
          return Found.ended(End.DENIED, name + " leaves no right to the access");
        }
      }
      boolean dirties = leaf && (needed & Access.WRITE) != 0;
      boolean marks = !GuestPte.A.isSet(entry) || (dirties && !GuestPte.D.isSet(entry));
      if (marks && nested) {
        Found marked = through(guestAt, true, true);
        if (!marked.isPage()) {
          return marked;
        }
      }
      if (leaf) {
        int rights =
            Access.READ
                | (write ? Access.WRITE : 0)
                | (execute ? Access.EXECUTE : 0)
                | (user ? 0 : Walked.SUPERVISOR);
        int lg2 = 12 + 9 * (level - 1);
        long offset = (1L << lg2) - 1;
        long page = GuestPte.ADDRESS.inPlace(entry) & ~offset;
        return Found.page(
            page | (address & offset),
            lg2,
            rights,
            !GuestPte.D.isSet(entry),
            name + " maps the page");
      }
      table = GuestPte.ADDRESS.inPlace(entry);
    }
  }
}
