package org.ioasis.itest.walls.planted.api;

import org.osgi.framework.BundleContext;

/** A contract that knows the framework. */
record KnowsFramework(BundleContext context) {}
