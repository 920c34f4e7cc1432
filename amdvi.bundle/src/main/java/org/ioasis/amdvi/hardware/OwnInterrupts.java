package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.MsiCapability;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.amdvi.format.XtInterruptControl;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.kit.registers.RegisterFile;

/**
 * The unit's own interrupts. With IntCapXTEn each kind has its register in x2APIC form; otherwise
 * all share the message of the MSI capability. A message goes out at the moment its condition
 * occurs; nothing is pending.
 *
 * <p><b>Threading:</b> any thread, without the unit's lock.
 */
final class OwnInterrupts {
  private final UnitEnvironment environment;
  private final RegisterFile<AmdviUnit> registers;

  OwnInterrupts(UnitEnvironment environment, RegisterFile<AmdviUnit> registers) {
    this.environment = environment;
    this.registers = registers;
  }

  /**
   * Sends the message of one kind.
   *
   * @param xtRegister the kind's register in x2APIC form
   */
  void send(int xtRegister) {
    if (Control.INT_CAP_XT_EN.isSet(registers.peek(RegisterMap.CONTROL))) {
      long register = registers.peek(xtRegister);
      environment.raiseMsi(
          XtInterruptControl.messageAddress(register), XtInterruptControl.messageData(register));
    } else if (MsiCapability.EN.isSet(registers.peek(RegisterMap.MSI_HEADER))) {
      long low = registers.peek(RegisterMap.MSI_ADDRESS_LOW);
      long high = registers.peek(RegisterMap.MSI_ADDRESS_HIGH);
      environment.raiseMsi(high << 32 | low, (int) registers.peek(RegisterMap.MSI_DATA));
    }
  }
}
