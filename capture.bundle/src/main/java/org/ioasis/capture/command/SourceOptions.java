package org.ioasis.capture.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.state.RegisterDictionary;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.capture.file.CaptureRegisters;
import org.ioasis.capture.file.CapturedMachine;
import org.ioasis.capture.file.TypedRegisters;
import org.ioasis.capture.replay.Laboratory;
import picocli.CommandLine;

/** Where a machine comes from: a capture folder, or a dump with registers typed beside it. */
final class SourceOptions {
  @CommandLine.Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "Kind of hardware in a dump; a capture folder says it itself.")
  String kind;

  @CommandLine.Option(
      names = "--reg",
      paramLabel = "NAME=VALUE",
      description = "A register of a dump, or one to replace in a capture. Repeatable.")
  List<String> assignments = new ArrayList<>();

  @CommandLine.Option(
      names = "--registers",
      paramLabel = "FILE",
      description = "Registers of a dump: NAME=VALUE lines, or a registers.json.")
  String file;

  /** Opens what an argument names. The caller closes it. */
  CapturedMachine open(CommandContext context, Laboratory laboratory, String argument) {
    Path place = context.resolve(argument);
    if (!Files.exists(place)) {
      throw new IoasisException(
          Reason.NOT_FOUND, "%s: there is no such folder or file".formatted(place));
    }
    CaptureRegisters beside = file == null ? null : beside(context, laboratory);
    if (!Files.isDirectory(place)) {
      return CapturedMachine.openDump(place, forDump(place, laboratory, beside));
    }
    CapturedMachine captured = CapturedMachine.openFolder(place);
    try {
      checkKind(captured.kind(), place.toString());
      List<RegisterValue> registers = captured.registers().registers();
      if (beside != null) {
        checkKind(beside.kind(), file);
        registers = TypedRegisters.merge(registers, beside.registers());
      }
      return captured.withRegisters(
          TypedRegisters.merge(registers, typed(laboratory, captured.kind())));
    } catch (RuntimeException e) {
      captured.close();
      throw e;
    }
  }

  private CaptureRegisters beside(CommandContext context, Laboratory laboratory) {
    Path path = context.resolve(file);
    if (TypedRegisters.isJson(path)) {
      return CaptureRegisters.read(path);
    }
    RegisterDictionary names = laboratory.hardware(neededKind(path)).registers();
    return new CaptureRegisters(kind, 0, List.of(), TypedRegisters.read(path, names));
  }

  private CaptureRegisters forDump(Path place, Laboratory laboratory, CaptureRegisters beside) {
    if (beside != null) {
      checkKind(beside.kind(), file);
    }
    String dumpKind = beside != null ? beside.kind() : neededKind(place);
    List<RegisterValue> registers =
        TypedRegisters.merge(
            beside != null ? beside.registers() : List.of(), typed(laboratory, dumpKind));
    if (registers.isEmpty()) {
      String needed =
          laboratory.hardware(dumpKind).registers().all().stream()
              .filter(RegisterDictionary.Description::needed)
              .map(register -> "--reg " + register.name() + "=0x..")
              .collect(Collectors.joining(" "));
      throw new IoasisException(
          Reason.INVALID,
          "%s: a dump holds no registers of the unit; add %s".formatted(place, needed));
    }
    return new CaptureRegisters(
        dumpKind,
        beside != null ? beside.mmioBase() : 0,
        beside != null ? beside.ram() : List.of(),
        registers);
  }

  private String neededKind(Path place) {
    if (kind == null) {
      throw new IoasisException(
          Reason.INVALID,
          "%s: this is no capture folder; add --kind KIND and the registers".formatted(place));
    }
    return kind;
  }

  private void checkKind(String found, String where) {
    if (kind != null && !kind.equals(found)) {
      throw new IoasisException(
          Reason.INVALID, "%s: it is of kind %s, not %s".formatted(where, found, kind));
    }
  }

  private List<RegisterValue> typed(Laboratory laboratory, String machineKind) {
    if (assignments.isEmpty()) {
      return List.of();
    }
    RegisterDictionary names = laboratory.hardware(machineKind).registers();
    List<RegisterValue> registers = new ArrayList<>();
    for (String assignment : assignments) {
      registers.add(TypedRegisters.parse(assignment, names));
    }
    TypedRegisters.checkDistinct(registers, "--reg");
    return registers;
  }
}
