package org.ioasis.itest.walls.planted.domain;

import org.osgi.service.component.annotations.Reference;

/** A component whose field is injected. */
final class InjectedField {
  @Reference Runnable service;
}
