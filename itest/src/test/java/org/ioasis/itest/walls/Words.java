package org.ioasis.itest.walls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Words that must not occur in files that ship, not even in string constants. */
final class Words {
  /** The vendors' names and their usual spellings. */
  static final Pattern VENDOR = Pattern.compile("(?i)vt-?d|smmu|amd-?vi");

  /** The way around the language, by dependency or by reflection. */
  static final Pattern UNSAFE = Pattern.compile("(sun[./]misc|jdk[./]internal)[./]");

  private Words() {}

  /**
   * Where a word occurs, a line each: {@code file: text}.
   *
   * @param files contents by name; of a class file its constants, of any other its whole text
   */
  static List<String> find(Pattern word, Map<String, byte[]> files) {
    List<String> found = new ArrayList<>();
    files.forEach(
        (name, content) -> {
          for (String text : texts(name, content)) {
            if (word.matcher(text).find()) {
              found.add(name + ": " + text);
            }
          }
        });
    return found;
  }

  private static List<String> texts(String name, byte[] content) {
    return name.endsWith(".class")
        ? ConstantPool.texts(content)
        : new String(content, StandardCharsets.ISO_8859_1).lines().toList();
  }
}
