/**
 * The main job in half a minute: what the platform is made of, and that it answers as recorded.
 * What is shown of captures stands beside them in {@code demo.json}, not here.
 */
package org.ioasis.shell.demo;
