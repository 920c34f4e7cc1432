package org.ioasis.launcher;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Where the framework keeps its bundles: a folder of the user's, or a temporary one that goes with
 * the launch. Two launches never share a temporary folder.
 *
 * @param folder the folder
 * @param temporary whether {@link #close} deletes it
 */
record Storage(Path folder, boolean temporary) implements AutoCloseable {

  /**
   * Opens the storage of a launch.
   *
   * @param folder the user's folder, or null for a temporary one
   * @throws LaunchException when the folder cannot be made
   */
  static Storage open(String folder) throws LaunchException {
    try {
      return folder == null
          ? new Storage(Files.createTempDirectory("ioasis-"), true)
          : new Storage(Files.createDirectories(Path.of(folder).toAbsolutePath()), false);
    } catch (IOException e) {
      throw new LaunchException(
          "storage folder cannot be made: " + (folder == null ? e.getMessage() : folder), e);
    }
  }

  /** Deletes a temporary folder, as far as that is possible; never fails. */
  @Override
  public void close() {
    if (!temporary) {
      return;
    }
    try {
      Files.walkFileTree(folder, new Deleter());
    } catch (IOException e) {
      // A left-over in the temporary folder harms nobody, and the launch is over.
      System.err.println("ioasis: left behind: " + folder);
    }
  }

  private static final class Deleter extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
      Files.deleteIfExists(dir);
      return FileVisitResult.CONTINUE;
    }
  }
}
