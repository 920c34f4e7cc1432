package org.ioasis.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * Stands between a caller and an object, so that a test sees each call and can change its result.
 */
public final class Between {
  private Between() {}

  /** What is done after a call. */
  @FunctionalInterface
  public interface AfterCall {
    /**
     * The real object has answered.
     *
     * @param method the name of what was called
     * @param arguments null if there were none
     * @return what the caller gets
     */
    Object answer(String method, Object[] arguments, Object result);
  }

  /**
   * An object that passes each call on to the real one. What that throws is thrown, and nothing is
   * done then.
   *
   * @param type an interface
   */
  public static <T> T stand(Class<T> type, T real, AfterCall after) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object result;
              try {
                result = method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              return after.answer(method.getName(), arguments, result);
            }));
  }
}
