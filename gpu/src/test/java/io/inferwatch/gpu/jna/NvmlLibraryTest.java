package io.inferwatch.gpu.jna;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.Nvml;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NvmlLibraryTest {
    private final Path folder;

    NvmlLibraryTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void absenceIsExplained_whenTheLoaderFindsNoSuchLibrary() {
        // Not NVML's own name, which another test may have loaded into this JVM.
        assertThat(NvmlLibrary.load("libnvidia-ml-absent.so.1"))
                .isEqualTo(new Nvml.Opened.NotFound("libnvidia-ml-absent.so.1 not found"));
    }

    @Test
    void absenceNamesTheKey_whenTheConfiguredPathIsNotThere() {
        assertThat(JnaNvml.opener("/nowhere/libnvidia-ml.so.1").open())
                .isEqualTo(new Nvml.Opened.NotFound("/nowhere/libnvidia-ml.so.1 not found (gpu.library)"));
    }

    @Test
    void reasonIsTheLoadersOwn_whenTheFileIsNoLibrary() throws IOException {
        Path text = Files.writeString(folder.resolve("libnvidia-ml.so.1"), "not an ELF file\n".repeat(100));

        Nvml.Opened opened = JnaNvml.opener(text.toString()).open();

        assertThat(opened)
                .isInstanceOfSatisfying(
                        Nvml.Opened.NotFound.class,
                        notFound -> assertThat(notFound.reason())
                                .contains(text + " does not load")
                                .contains("invalid ELF header"));
    }

    @ParameterizedTest
    @EnumSource(NvmlLayout.class)
    void structSizeIsThatOfTheCCompiler_forEach(NvmlLayout layout) {
        ScriptedNvml driver = ScriptedNvml.compile(folder);

        assertThat(layout.sizeBytes()).isEqualTo(driver.sizeOf(layout.name()));
    }

    @Test
    void versionWordIsSizeAndVersion_ofAVersionedStruct() {
        assertThat(NvmlLayout.MEMORY_V2.versionWord()).isEqualTo(0x02000028);
    }

    @Test
    void everyInitIsAnsweredAsMissing_whenTheLibraryHasNoSuchSymbol() {
        ScriptedNvml driver = ScriptedNvml.compile(folder, "nvmlInit_v2");

        assertThat(JnaNvml.opener(driver.library().toString()).open())
                .isInstanceOfSatisfying(
                        Nvml.Opened.Found.class,
                        found -> assertThat(found.nvml().init()).isEqualTo(13));
    }

    @Test
    void ringBufferGrows_whenTheRingHasOutgrownIt() {
        StringBuilder ring = new StringBuilder("ring 0 gpu");
        for (int i = 1; i <= 300; i++) {
            ring.append(' ').append(i).append(":50");
        }
        ScriptedNvml driver = ScriptedNvml.compile(folder).script("ring 0 gpu 1:40");
        Nvml nvml =
                ((Nvml.Opened.Found) JnaNvml.opener(driver.library().toString()).open()).nvml();
        nvml.init();
        Nvml.Device device = ((Reading.Value<Nvml.Device>) nvml.deviceByIndex(0)).value();
        nvml.samples(device, Nvml.Ring.GPU_UTILIZATION, 0);

        driver.script(ring.toString());

        Reading<List<Nvml.RingSample>> grown = nvml.samples(device, Nvml.Ring.GPU_UTILIZATION, 0);
        assertThat(((Reading.Value<List<Nvml.RingSample>>) grown).value()).hasSize(300);
        assertThat(driver.faults()).isEmpty();
    }
}
