package org.ioasis.itest.walls;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The texts in a class file's constant pool: string constants, names of classes, members and
 * packages, descriptors. Reading them finds what reflection hides from a dependency check. Java
 * Virtual Machine Specification, "The Constant Pool".
 */
final class ConstantPool {
  private static final int MAGIC = 0xCAFEBABE;
  private static final int UTF8 = 1, LONG = 5, DOUBLE = 6, CLASS = 7, STRING = 8;
  private static final int METHOD_HANDLE = 15, METHOD_TYPE = 16, MODULE = 19, PACKAGE = 20;

  private ConstantPool() {}

  /**
   * The texts of a class file, in its order.
   *
   * @throws IllegalArgumentException if it is no class file
   */
  static List<String> texts(byte[] classFile) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(classFile))) {
      if (in.readInt() != MAGIC) {
        throw new IllegalArgumentException("no class file");
      }
      in.readInt(); // version
      int count = in.readUnsignedShort();
      List<String> texts = new ArrayList<>();
      for (int index = 1; index < count; index++) {
        int tag = in.readUnsignedByte();
        if (tag == UTF8) {
          texts.add(in.readUTF());
          continue;
        }
        in.skipNBytes(bytes(tag));
        if (tag == LONG || tag == DOUBLE) {
          index++; // takes two entries
        }
      }
      return texts;
    } catch (IOException e) {
      throw new UncheckedIOException("a truncated class file", e);
    }
  }

  private static int bytes(int tag) {
    return switch (tag) {
      case CLASS, STRING, METHOD_TYPE, MODULE, PACKAGE -> 2;
      case METHOD_HANDLE -> 3;
      case LONG, DOUBLE -> 8;
      default -> 4;
    };
  }
}
