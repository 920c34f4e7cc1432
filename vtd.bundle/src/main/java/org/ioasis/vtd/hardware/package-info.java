/**
 * The silicon of Intel VT-d: registers, table walks, caches, command and fault queues. Software
 * reaches it only through MMIO and structures in memory; it answers with memory writes and
 * interrupts. It owns no thread and never calls the driver room.
 *
 * <p>The unit and its registers: {@code VtdUnit} joins the parts; {@code VtdRegisters} is the
 * register table and {@code RegisterMmio} software's side of it; {@code UnitCore} has what the
 * parts share, with the one lock; {@code Latched} is what the hardware took from registers. {@code
 * GlobalCommand} is the protocol of GCMD and GSTS, {@code FaultRecorder} and {@code EventSource}
 * record and signal, {@code InvalidationQueue} with {@code DescriptorExecutor} and {@code
 * RegisterInvalidation} are the two invalidation interfaces, {@code ProtectedMemory} the protected
 * regions, {@code VtdState} import, export and reset.
 *
 * <p>Walks and caches: {@code Translator} is the DMA path, {@code TranslationCaches} what it keeps,
 * {@code ReferenceWalker} the slow and readable equal of it, behind inspection and explanation.
 *
 * <p>What others ask of the kind: {@link org.ioasis.vtd.hardware.VtdFactory} with {@code
 * VtdProfiles}, {@code VtdDictionary}, and {@code VtdAnswers} with {@code VtdBench}. {@link
 * org.ioasis.vtd.hardware.Capabilities} is what one unit can do.
 */
package org.ioasis.vtd.hardware;
