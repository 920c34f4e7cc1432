/**
 * The platform's one machine: thin components that read Config Admin, around plain classes. {@link
 * org.ioasis.machine.platform.PlatformComponent} keeps the machine and yields it to trusted bundles
 * only; {@link org.ioasis.machine.platform.PlatformUnitComponent} keeps one unit of it.
 */
package org.ioasis.machine.platform;
