package org.ioasis.smmuv3.hardware;

import static org.ioasis.smmuv3.format.EventType.*;

import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.smmuv3.format.Cd;
import org.ioasis.smmuv3.format.Event;
import org.ioasis.smmuv3.format.EventType;
import org.ioasis.smmuv3.format.L1Cd;
import org.ioasis.smmuv3.format.L1Std;
import org.ioasis.smmuv3.format.Ste;

/**
 * The slow, readable walk of one ordinary transaction: follows the specification's steps one by
 * one, notes everything it reads and changes nothing. "Order of checks". {@link SmmuExplainer}
 * tells its story; {@link Translator} must agree with it in outcome, code and record, which
 * property tests hold it to. The two share the rules of {@link StructureChecks} and nothing else
 * that decides.
 *
 * <p><b>Threading:</b> any thread; each walk has its own {@link Story}.
 */
final class ReferenceWalker {
  private static final int IDENTITY_LG2 = 30;
  private static final int ALL = DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE;

  private final PhysicalMemory memory;
  private final Capabilities can;
  private final StructureChecks checks;
  private final ReferenceStages stages;

  ReferenceWalker(PhysicalMemory memory, Capabilities can) {
    this.memory = memory;
    this.can = can;
    this.checks = new StructureChecks(can);
    this.stages = new ReferenceStages(can);
  }

  /** A story to hand to {@link #walk}. */
  Story story() {
    return new Story(memory, can.oas());
  }

  /** Walks one untranslated transaction while SMMUEN=1. */
  Answer walk(DmaRequest request, Latched latched, Story story) {
    long sid = Integer.toUnsignedLong(request.sourceId());
    if (sid >= 1L << latched.streamBits()) {
      return badStream(
          request, latched, story, "StreamID 0x%x >= 2^%d".formatted(sid, latched.streamBits()));
    }
    if (!latched.twoLevel()) {
      return stream(request, latched, latched.streamTable() + sid * Ste.BYTES, story);
    }
    long table = latched.streamTable() + (sid >> latched.split()) * L1Std.BYTES;
    long[] level1 =
        story.read("L1STD[0x%x]".formatted(sid >> latched.split()), L1Std.LAYOUT, table);
    if (level1 == null) {
      return fetch(request, F_STE_FETCH, table, story, "the level-1 descriptor cannot be read");
    }
    long index = sid & (1L << latched.split()) - 1;
    int span = (int) L1Std.SPAN.get(level1);
    if (span == 0 || span > L1Std.SPAN_MAX || span > latched.split() + 1) {
      return badStream(
          request, latched, story, "Span=%d is 0, reserved or above SPLIT+1".formatted(span));
    }
    if (index >= 1L << (span - 1)) {
      return badStream(
          request, latched, story, "index 0x%x >= 2^(Span-1), Span=%d".formatted(index, span));
    }
    long base = L1Std.L2PTR.inPlace(level1) & -(Ste.BYTES * (1L << (span - 1)));
    return stream(request, latched, base + index * Ste.BYTES, story);
  }

  private Answer badStream(DmaRequest request, Latched latched, Story story, String why) {
    return latched.recordsBadStreams()
        ? story.recorded(C_BAD_STREAMID, word0(request, C_BAD_STREAMID), why)
        : story.unrecorded(C_BAD_STREAMID, why + "; CR2.RECINVSID=0");
  }

  /** A record of word 0 alone. */
  private static long[] word0(DmaRequest request, EventType type) {
    boolean ssid = request.hasPasid() && type != F_STREAM_DISABLED;
    long word = type.number | (long) request.sourceId() << 32;
    if (ssid) {
      word |= (long) request.pasid() << 12 | (type == C_BAD_SUBSTREAMID ? 0 : 1L << 11);
    }
    return new long[] {word, 0, 0, 0};
  }

  private static Answer fetch(
      DmaRequest request, EventType type, long address, Story story, String why) {
    long[] record = word0(request, type);
    record[3] = Event.FETCH_ADDR.inPlace(address);
    return story.recorded(type, record, "0x%x: %s".formatted(address, why));
  }

  private Answer stream(DmaRequest request, Latched latched, long address, Story story) {
    String name = "STE[0x%x]".formatted(request.sourceId());
    long[] ste = story.read(name, Ste.LAYOUT, address);
    if (ste == null) {
      return fetch(request, F_STE_FETCH, address, story, "the STE cannot be read");
    }
    String objection = checks.stream(ste);
    if (objection != null) {
      return story.recorded(C_BAD_STE, word0(request, C_BAD_STE), objection);
    }
    if (Ste.CONFIG.get(ste) < Ste.CONFIG_BYPASS) {
      return story.blocked("STE.Config=%d: abort".formatted(Ste.CONFIG.get(ste)));
    }
    StreamEntry entry = new StreamEntry(request.sourceId(), ste, latched, can);
    story.found(entry);
    ReferenceAccess access = ReferenceAccess.of(request, entry);
    return entry.stage1
        ? substream(access, entry, story)
        : withoutStage1(access, entry, story, "stage 1 is not enabled");
  }

  /** The table of SubstreamIDs, row by row. */
  private Answer substream(ReferenceAccess access, StreamEntry ste, Story story) {
    DmaRequest request = access.request();
    if (request.hasPasid()) {
      if (ste.contextBits == 0) {
        return badSubstream(request, story, "S1CDMax=0: SubstreamIDs are disabled");
      }
      if (request.pasid() >= 1 << ste.contextBits) {
        return badSubstream(
            request,
            story,
            "SubstreamID 0x%x >= 2^S1CDMax=2^%d".formatted(request.pasid(), ste.contextBits));
      }
      if (request.pasid() == 0 && ste.s1dss == Ste.S1DSS_SSID0) {
        return badSubstream(request, story, "SubstreamID 0 with S1DSS=2");
      }
      return level1(access, ste, request.pasid(), story);
    }
    if (ste.contextBits == 0 || ste.s1dss == Ste.S1DSS_SSID0) {
      return level1(access, ste, 0, story);
    }
    return ste.s1dss == Ste.S1DSS_BYPASS
        ? withoutStage1(access, ste, story, "S1DSS=1: stage 1 is passed by")
        : story.recorded(
            F_STREAM_DISABLED,
            word0(request, F_STREAM_DISABLED),
            "no SubstreamID with S1DSS=%d".formatted(ste.s1dss));
  }

  private static Answer badSubstream(DmaRequest request, Story story, String why) {
    return story.recorded(C_BAD_SUBSTREAMID, word0(request, C_BAD_SUBSTREAMID), why);
  }

  private Answer withoutStage1(ReferenceAccess access, StreamEntry ste, Story story, String why) {
    DmaRequest request = access.request();
    if (request.hasPasid() && !ste.stage1) {
      return badSubstream(request, story, "a SubstreamID, and stage 1 is not enabled");
    }
    int bits = ste.stage2 ? can.ias() : can.oas();
    if (request.iova() >>> bits != 0) {
      return story.recorded(
          F_ADDR_SIZE,
          access.record(F_ADDR_SIZE, ReferenceAccess.STAGE_1_IN, 0),
          "address 0x%x >= 2^%d, %s".formatted(request.iova(), bits, why));
    }
    if (!ste.stage2) {
      return story.ok(request.iova(), IDENTITY_LG2, ALL, why + ": the output is the input");
    }
    ReferenceStages.Result result =
        stages.stage2(access, ste, request.iova(), ReferenceAccess.STAGE_2_IN, story);
    return result.fault() != null
        ? result.fault()
        : story.ok(
            result.output(),
            result.pageLg2(),
            access.granted(result.rights()),
            "stage 2 translates; " + why);
  }

  private Answer level1(ReferenceAccess access, StreamEntry ste, int ssid, Story story) {
    long pointer = Ste.S1CONTEXTPTR.inPlace(ste.words);
    long format = ste.contextBits == 0 ? 0 : Ste.S1FMT.get(ste.words);
    if (format != 1 && format != 2) {
      long table = pointer & -((long) Cd.BYTES << ste.contextBits);
      return descriptor(access, ste, ssid, table + (long) ssid * Cd.BYTES, story);
    }
    int split = format == 1 ? 6 : 10;
    long size = Math.max(64, (8L << ste.contextBits) >> split);
    long address = (pointer & -size) + (long) (ssid >> split) * L1Cd.BYTES;
    String name = "L1CD[0x%x]".formatted(ssid >> split);
    if (ste.stage2) {
      ReferenceStages.Result behind =
          stages.stage2(access, ste, address, ReferenceAccess.STAGE_2_CD, story);
      if (behind.fault() != null) {
        return behind.fault();
      }
      address = behind.output();
    }
    long[] level1 = story.read(name, L1Cd.LAYOUT, address);
    if (level1 == null) {
      return fetch(
          access.request(), F_CD_FETCH, address, story, "the level-1 descriptor cannot be read");
    }
    long table = L1Cd.L2PTR.inPlace(level1) & (format == 1 ? -1L : -0x1_0000L);
    if (!L1Cd.V.isSet(level1)) {
      return badSubstream(access.request(), story, "L1CD.V=0");
    }
    if (table >>> can.oas() != 0) {
      return badSubstream(
          access.request(), story, "L1CD.L2Ptr=0x%x >= 2^%d".formatted(table, can.oas()));
    }
    long index = ssid & (1L << split) - 1;
    return descriptor(access, ste, ssid, table + index * Cd.BYTES, story);
  }

  private Answer descriptor(
      ReferenceAccess access, StreamEntry ste, int ssid, long pointer, Story story) {
    long address = pointer;
    if (ste.stage2) {
      ReferenceStages.Result behind =
          stages.stage2(access, ste, address, ReferenceAccess.STAGE_2_CD, story);
      if (behind.fault() != null) {
        return behind.fault();
      }
      address = behind.output();
    }
    long[] cd = story.read("CD[0x%x]".formatted(ssid), Cd.LAYOUT, address);
    if (cd == null) {
      return fetch(access.request(), F_CD_FETCH, address, story, "the CD cannot be read");
    }
    String objection = checks.context(cd, ste);
    if (objection != null) {
      return story.recorded(C_BAD_CD, word0(access.request(), C_BAD_CD), objection);
    }
    ContextEntry entry = new ContextEntry(ste, access.request().sourceId(), ssid, cd, can);
    story.found(entry);
    return stages.translate(access, ste, entry, story);
  }
}
