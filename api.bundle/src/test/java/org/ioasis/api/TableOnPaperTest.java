package org.ioasis.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Keeps "The table on paper" of ARCHITECTURE.md true: nothing that must be in it is missing, no
 * cell is blank, and every type and member it names exists in the API.
 */
class TableOnPaperTest {
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*(?:\\.[A-Z]\\w*)?)(?:#(\\w+))?`");

  private static final String IOMMUFD =
      """
      IOMMU_DESTROY IOMMU_IOAS_ALLOC IOMMU_IOAS_ALLOW_IOVAS IOMMU_IOAS_COPY IOMMU_IOAS_IOVA_RANGES
      IOMMU_IOAS_MAP IOMMU_IOAS_UNMAP IOMMU_OPTION IOMMU_VFIO_IOAS IOMMU_HWPT_ALLOC
      IOMMU_GET_HW_INFO IOMMU_HWPT_SET_DIRTY_TRACKING IOMMU_HWPT_GET_DIRTY_BITMAP
      IOMMU_HWPT_INVALIDATE IOMMU_FAULT_QUEUE_ALLOC IOMMU_IOAS_MAP_FILE IOMMU_VIOMMU_ALLOC
      IOMMU_VDEVICE_ALLOC IOMMU_IOAS_CHANGE_PROCESS IOMMU_VEVENTQ_ALLOC IOMMU_HW_QUEUE_ALLOC
      IOMMU_IOAS_NOIOMMU_GET_PA
      """;

  private static final String TEST_OPERATIONS =
      """
      ADD_RESERVED MOCK_DOMAIN MD_CHECK_MAP MD_CHECK_REFS CREATE_ACCESS DESTROY_ACCESS_PAGES
      ACCESS_PAGES ACCESS_RW SET_TEMP_MEMORY_LIMIT MOCK_DOMAIN_REPLACE ACCESS_REPLACE_IOAS
      MOCK_DOMAIN_FLAGS DIRTY MD_CHECK_IOTLB TRIGGER_IOPF DEV_CHECK_CACHE TRIGGER_VEVENT
      PASID_ATTACH PASID_REPLACE PASID_DETACH PASID_CHECK_HWPT DMABUF_GET DMABUF_REVOKE
      """;

  private static final String IOTLB_MESSAGES =
      """
      VHOST_IOTLB_MISS VHOST_IOTLB_UPDATE VHOST_IOTLB_INVALIDATE VHOST_IOTLB_ACCESS_FAIL
      VHOST_IOTLB_BATCH_BEGIN VHOST_IOTLB_BATCH_END
      """;

  private static Map<String, List<List<String>>> tables;
  private static Map<String, Class<?>> types;

  @BeforeAll
  static void read() throws Exception {
    tables = tables(Files.readString(Path.of("..", "ARCHITECTURE.md")));
    types = types();
  }

  @Test
  void everyCommandAndMessageHasARow() {
    assertThat(firstCells("iommufd commands")).contains(IOMMUFD.trim().split("\\s+"));
    assertThat(firstCells("iommufd test operations"))
        .containsExactly(TEST_OPERATIONS.trim().split("\\s+"));
    assertThat(firstCells("vhost-user IOTLB messages"))
        .containsExactly(IOTLB_MESSAGES.trim().split("\\s+"));
    assertThat(tables).containsKey("An external model behind MMIO, memory and DMA calls");
    assertThat(String.join("\n", firstCells("A RISC-V IOMMU")))
        .contains(
            "device directory table",
            "process directory table",
            "first stage",
            "second stage",
            "command queue",
            "fault queue",
            "page-request queue",
            "MSI page tables");
  }

  @Test
  void noCellIsBlank() {
    tables.forEach(
        (title, rows) -> {
          assertThat(rows).as(title).hasSizeGreaterThan(5);
          int columns = rows.get(0).size();
          for (List<String> row : rows) {
            assertThat(row).as("%s: %s", title, row).hasSize(columns).noneMatch(String::isBlank);
          }
        });
  }

  @Test
  void everyCarrierNamesAContract() {
    tables.forEach(
        (title, rows) -> {
          int last = title.startsWith("iommufd") || title.startsWith("An external") ? 2 : 3;
          for (List<String> row : rows) {
            for (String cell : row.subList(1, last)) {
              assertThat(NAME.matcher(cell).find()).as("%s: %s", title, cell).isTrue();
            }
          }
        });
  }

  @Test
  void everythingNamedExists() {
    List<String> wrong = new ArrayList<>();
    int checked = 0;
    for (List<List<String>> rows : tables.values()) {
      for (List<String> row : rows) {
        Matcher matcher = NAME.matcher(String.join(" ", row));
        while (matcher.find()) {
          checked++;
          if (!exists(matcher.group(1), matcher.group(2))) {
            wrong.add(row.get(0) + ": " + matcher.group());
          }
        }
      }
    }
    assertThat(wrong).as("names in ARCHITECTURE.md that the API does not have").isEmpty();
    assertThat(checked).isGreaterThan(150);
  }

  @Test
  void theCheckNotices() {
    assertThat(exists("AddressSpace", "map")).isTrue();
    assertThat(exists("AddressSpace", "mapp")).isFalse();
    assertThat(exists("AdressSpace", null)).isFalse();
    assertThat(exists("Access.PinnedRange", "close")).isTrue();
    assertThat(exists("DmaRequest", "AT_TRANSLATION_REQUEST")).isTrue();
    assertThat(exists("AddressSpace", "toString")).isFalse();
    assertThat(tables("## The table on paper\n### T\n| a | b |\n|---|---|\n| x | |\n").get("T"))
        .containsExactly(List.of("x", ""));
  }

  private static List<String> firstCells(String title) {
    return tables.get(title).stream().map(row -> row.get(0)).toList();
  }

  /** Rows, without the heads, of each table below the heading, by its own heading. */
  private static Map<String, List<List<String>>> tables(String document) {
    Map<String, List<List<String>>> found = new LinkedHashMap<>();
    String section = document.substring(document.indexOf("## The table on paper"));
    List<List<String>> rows = new ArrayList<>();
    for (String line : section.lines().skip(1).toList()) {
      if (line.startsWith("## ")) {
        break;
      }
      if (line.startsWith("### ")) {
        rows = new ArrayList<>();
        found.put(line.substring(4), rows);
      } else if (line.startsWith("|")) {
        String inner = line.substring(1, line.lastIndexOf('|'));
        rows.add(Arrays.stream(inner.split("\\|", -1)).map(String::strip).toList());
      }
    }
    found.values().forEach(table -> table.subList(0, 2).clear());
    return found;
  }

  /** The public types of the API by simple name, nested ones as {@code Outer.Inner}. */
  private static Map<String, Class<?>> types() throws IOException, URISyntaxException {
    Path classes =
        Path.of(IoasisException.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Map<String, Class<?>> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        String name = classes.relativize(file).toString().replace('/', '.').replace('\\', '.');
        if (!name.endsWith("package-info.class") && !name.equals("module-info.class")) {
          Class<?> type = load(name.substring(0, name.length() - ".class".length()));
          if (Modifier.isPublic(type.getModifiers())) {
            String simple = type.getName().substring(type.getPackageName().length() + 1);
            Class<?> twin = found.put(simple.replace('$', '.'), type);
            assertThat(twin).as("two types with one simple name: %s", simple).isNull();
          }
        }
      }
    }
    return found;
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, TableOnPaperTest.class.getClassLoader());
    } catch (ClassNotFoundException missing) {
      throw new AssertionError(name, missing);
    }
  }

  private static boolean exists(String typeName, String member) {
    Class<?> type = types.get(typeName);
    if (type == null) {
      return false;
    }
    return member == null
        || Arrays.stream(type.getMethods())
            .filter(method -> method.getDeclaringClass() != Object.class)
            .map(Method::getName)
            .anyMatch(member::equals)
        || Arrays.stream(type.getFields()).map(Field::getName).anyMatch(member::equals);
  }
}
