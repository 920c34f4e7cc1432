/**
 * A register file from a table, a row per register.
 *
 * <pre>
 *   RegisterTable&lt;Unit&gt; table = RegisterTable.&lt;Unit&gt;builder("VT-d", 0x1000)
 *       .rows(
 *           reg(0x018, "GCMD_REG",  32).writable(0xFF80_0000L).readsZero().onWrite(Unit::globalCommand),
 *           reg(0x01C, "GSTS_REG",  32),
 *           reg(0x034, "FSTS_REG",  32).w1c(0x71).sticky(0xFFFF),
 *           reg(0x038, "FECTL_REG", 32).reset(0x8000_0000L).writable(0x8000_0000L)
 *               .onWrite(Unit::faultControl))
 *       .build();
 *   RegisterFile&lt;Unit&gt; registers = table.newFile(this);
 * </pre>
 *
 * <p>Access width, halves, read-only, write-1-to-clear, one-shot and sticky bits are the table's
 * work; handlers hold behaviour only. The table is made from the unit's profile, so offsets that
 * move with a capability and masks that depend on one are plain expressions in it. It is immutable,
 * and units of one profile share it.
 *
 * <ul>
 *   <li>{@link org.ioasis.kit.registers.Register} is one row.
 *   <li>{@link org.ioasis.kit.registers.RegisterTable} is the table and the access rules.
 *   <li>{@link org.ioasis.kit.registers.RegisterFile} is one unit's contents: software's side
 *       ({@code read}, {@code write}), the hardware's side ({@code peek}, {@code poke}, bits),
 *       reset, state in and out.
 *   <li>{@link org.ioasis.kit.registers.WriteHandler}, {@link org.ioasis.kit.registers.WriteFilter}
 *       and {@link org.ioasis.kit.registers.ReadHandler} are what a unit hangs on a row.
 *   <li>{@link org.ioasis.kit.registers.RegisterValue} is one register of an inspection or a saved
 *       state.
 * </ul>
 */
@Export
@Version("1.0.0")
package org.ioasis.kit.registers;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
