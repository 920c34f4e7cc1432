package org.ioasis.smmuv3.driver;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.ioasis.smmuv3.format.AtcInv;
import org.ioasis.smmuv3.format.Cfgi;
import org.ioasis.smmuv3.format.CfgiRange;
import org.ioasis.smmuv3.format.Command;
import org.ioasis.smmuv3.format.PriResp;
import org.ioasis.smmuv3.format.Resume;
import org.ioasis.smmuv3.format.StallTerm;
import org.ioasis.smmuv3.format.Tlbi;

/**
 * Commands to be submitted together, and the devices whose ATCs they invalidate. "Commands".
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class CommandList {
  private static final int PAGE_LG2 = 12;

  /** With single-page commands alone, a range of more pages becomes everything. */
  private static final int MOST_PAGES = 64;

  private static final int NUM_MAX = 31;

  private long[] words = new long[16];
  private int count;
  private final Set<Integer> devices = new LinkedHashSet<>();

  /** Empties it. */
  CommandList clear() {
    count = 0;
    devices.clear();
    return this;
  }

  int count() {
    return count;
  }

  long word0(int index) {
    return words[2 * index];
  }

  long word1(int index) {
    return words[2 * index + 1];
  }

  /** The devices whose ATCs are invalidated. */
  Set<Integer> devices() {
    return devices;
  }

  private CommandList add(long word0, long word1) {
    if (2 * count == words.length) {
      words = Arrays.copyOf(words, 2 * words.length);
    }
    words[2 * count] = word0;
    words[2 * count + 1] = word1;
    count++;
    return this;
  }

  /** A command in words of its own. */
  CommandList raw(long word0, long word1) {
    return add(word0, word1);
  }

  /** A stream table entry, and the level-1 descriptor above it, have changed. */
  CommandList stream(int sid) {
    return add(Command.OPCODE.of(Command.CFGI_STE) | Cfgi.SID.of(Integer.toUnsignedLong(sid)), 0);
  }

  /** A context descriptor, and the level-1 descriptor above it, have changed. */
  CommandList context(int sid, int ssid) {
    return add(
        Command.OPCODE.of(Command.CFGI_CD)
            | Cfgi.SID.of(Integer.toUnsignedLong(sid))
            | Cfgi.SSID.of(ssid),
        0);
  }

  /** Every configuration. */
  CommandList allConfiguration() {
    return add(Command.OPCODE.of(Command.CFGI_STE_RANGE), CfgiRange.RANGE.of(CfgiRange.ALL));
  }

  /** Every translation. */
  CommandList allTranslations() {
    return add(Command.OPCODE.of(Command.TLBI_NSNH_ALL), 0);
  }

  /** Stage-1 translations of an ASID. */
  CommandList asid(int vmid, int asid) {
    return add(
        Command.OPCODE.of(Command.TLBI_NH_ASID) | Tlbi.VMID.of(vmid) | Tlbi.ASID.of(asid), 0);
  }

  /** Everything of stage 1 under a VMID. */
  CommandList stage1(int vmid) {
    return add(Command.OPCODE.of(Command.TLBI_NH_ALL) | Tlbi.VMID.of(vmid), 0);
  }

  /** Everything under a VMID. */
  CommandList vmid(int vmid) {
    return add(Command.OPCODE.of(Command.TLBI_S12_VMALL) | Tlbi.VMID.of(vmid), 0);
  }

  /**
   * Stage-1 translations of a range under an ASID; all of it where that is cheaper.
   *
   * @param claims says whether ranges can be named
   */
  CommandList pages(Claims claims, int asid, long first, long last, boolean leafOnly) {
    long base = Command.OPCODE.of(Command.TLBI_NH_VA) | Tlbi.ASID.of(asid);
    return range(claims, base, first, last, leafOnly) ? this : asid(0, asid);
  }

  /** Stage-2 translations of a range under a VMID; all of it where that is cheaper. */
  CommandList intermediatePages(Claims claims, int vmid, long first, long last, boolean leafOnly) {
    long base = Command.OPCODE.of(Command.TLBI_S2_IPA) | Tlbi.VMID.of(vmid);
    return range(claims, base, first, last, leafOnly) ? this : vmid(vmid);
  }

  /** Commands for a range; false if there would be too many. */
  private boolean range(Claims claims, long base, long first, long last, boolean leafOnly) {
    int lg2 = claims.granuleLg2();
    long pages = (last >>> lg2) - (first >>> lg2) + 1;
    long leaf = leafOnly ? Tlbi.LEAF.mask() : 0;
    if (!claims.ranges()) {
      if (pages > MOST_PAGES) {
        return false;
      }
      for (long page = 0; page < pages; page++) {
        add(base, leaf | Tlbi.ADDR.ofInPlace(((first >>> lg2) + page) << lg2));
      }
      return true;
    }
    long at = first >>> lg2;
    while (pages > 0) {
      int scale = Math.min(Long.numberOfTrailingZeros(pages), Tlbi.SCALE_MAX);
      long number = Math.min(pages >>> scale & NUM_MAX, pages >>> scale);
      if (number == 1 && scale == 0) {
        add(base, leaf | Tlbi.ADDR.ofInPlace(at << lg2)); // a range of one page is illegal
      } else {
        add(
            base | Tlbi.NUM.of(number - 1) | Tlbi.SCALE.of(scale),
            leaf | Tlbi.TG.of(Tlbi.tg(lg2)) | Tlbi.ADDR.ofInPlace(at << lg2));
      }
      at += number << scale;
      pages -= number << scale;
    }
    return true;
  }

  /**
   * Translations that a device holds.
   *
   * @param ssid its PASID; negative for those without one
   */
  CommandList atc(int sid, int ssid, long first, long last) {
    int lg2 = Math.max(PAGE_LG2, 64 - Long.numberOfLeadingZeros(first ^ last));
    int size = Math.min(AtcInv.SIZE_ALL, lg2 - PAGE_LG2);
    long address = size == AtcInv.SIZE_ALL ? 0 : first & -(1L << lg2);
    return addAtc(sid, ssid, 0, AtcInv.SIZE.of(size) | AtcInv.ADDR.ofInPlace(address));
  }

  /** Everything that a device holds, under any PASID and none. */
  CommandList wholeAtc(int sid) {
    long all = AtcInv.SIZE.of(AtcInv.SIZE_ALL);
    return addAtc(sid, -1, 0, all).addAtc(sid, 0, AtcInv.GLOBAL.mask(), all);
  }

  private CommandList addAtc(int sid, int ssid, long more, long word1) {
    devices.add(sid);
    long substream = ssid < 0 ? 0 : AtcInv.SSV.mask() | AtcInv.SSID.of(ssid);
    return add(
        Command.OPCODE.of(Command.ATC_INV)
            | AtcInv.SID.of(Integer.toUnsignedLong(sid))
            | substream
            | more,
        word1);
  }

  /** The answer to a page request group. */
  CommandList respond(int sid, int ssid, int group, int response) {
    long substream = ssid < 0 ? 0 : PriResp.SSV.mask() | PriResp.SSID.of(ssid);
    return add(
        Command.OPCODE.of(Command.PRI_RESP)
            | PriResp.SID.of(Integer.toUnsignedLong(sid))
            | substream,
        PriResp.PRGINDEX.of(group) | PriResp.RESP.of(response));
  }

  /** The end of one stall. */
  CommandList resume(int sid, int tag, boolean retry) {
    return add(
        Command.OPCODE.of(Command.RESUME)
            | Resume.SID.of(Integer.toUnsignedLong(sid))
            | (retry ? Resume.AC.mask() : Resume.AB.mask()),
        Resume.STAG.of(tag));
  }

  /** The end of every stall of a stream that is shut off. */
  CommandList terminate(int sid) {
    return add(
        Command.OPCODE.of(Command.STALL_TERM) | StallTerm.SID.of(Integer.toUnsignedLong(sid)), 0);
  }
}
