package org.ioasis.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import net.jqwik.api.Property;

/**
 * A jqwik property with a fixed seed, so that every build tries the same samples. jqwik has no
 * setting for a seed of all properties; a property that needs other parameters uses {@link
 * Property} itself and names a seed.
 */
@Documented
@Property(seed = "20250101")
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.ANNOTATION_TYPE, ElementType.METHOD})
public @interface SeededProperty {}
