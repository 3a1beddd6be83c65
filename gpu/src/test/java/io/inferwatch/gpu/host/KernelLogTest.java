package io.inferwatch.gpu.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines as {@code /dev/kmsg} gives them. */
class KernelLogTest {
    private static final String LOST = "3,1412,98000001,-;NVRM: Xid (PCI:0000:3B:00): 79, pid='<unknown>',"
            + " name=<unknown>, GPU has fallen off the bus.";

    @Test
    void busAndNumberAndTimeAreRead_whenALineIsAboutAnXid() {
        assertThat(KernelLog.parsed(LOST)).contains(new KernelLog.Xid("0000:3b:00", 79, 98_000_001));
        assertThat(KernelLog.parsed("6,7,5,-,caller=T12;NVRM: Xid (PCI:00000000:5E:00 GPU-I:05): 94, pid=7, name=vllm"))
                .contains(new KernelLog.Xid("00000000:5e:00", 94, 5));
    }

    @Test
    void everythingElseIsPassedOver() {
        assertThat(List.of(
                        "6,1,2,-;usb 1-1: new device",
                        "6,1,2,-;say NVRM: Xid (PCI:0000:3b:00): 79",
                        "6,1,2,-;NVRM: Xid (PCI:0000:3b:00): seventy-nine",
                        "6,1,2,-;NVRM: Xid (PCI:../../etc:00): 79, x",
                        "6,1,2,-;NVRM: Xid (PCI:0000:3b:00): 12345678901234567890, x",
                        " SUBSYSTEM=pci",
                        ""))
                .extracting(KernelLog::parsed)
                .containsOnly(Optional.empty());
    }

    @Test
    void whatIsOlderIsLeftOut_whenTheLogHoldsEarlierLines(@TempDir Path folder) throws IOException {
        Path device = Files.writeString(
                folder.resolve("kmsg"),
                "3,1,97000000,-;NVRM: Xid (PCI:0000:3b:00): 31, pid=1, name=x\n SUBSYSTEM=pci\n" + LOST + "\n");
        List<KernelLog.Xid> seen = new ArrayList<>();

        new KernelLog(device).read(98_000_000, seen::add);

        assertThat(seen).extracting(KernelLog.Xid::number).containsExactly(79);
    }

    @Test
    void nothingIsFollowed_whereThereIsNoLog(@TempDir Path folder) {
        List<KernelLog.Xid> seen = new ArrayList<>();

        new KernelLog(folder.resolve("none")).read(0, seen::add);

        assertThat(seen).isEmpty();
    }

    @Test
    void gpuIsFoundByItsPlaceOnTheBus(@TempDir Path root) throws IOException {
        Path gpus = root.resolve("driver/nvidia/gpus");
        Files.createDirectories(gpus.resolve("0000:3b:00.0"));
        Files.writeString(
                gpus.resolve("0000:3b:00.0/information"),
                "Model: \t\t NVIDIA H100\nGPU UUID: \t GPU-00000000-0000-0000-0000-000000000001\nBus Type: \t PCIe\n");
        Files.createDirectories(gpus.resolve("0000:5e:00.0"));
        Files.writeString(gpus.resolve("0000:5e:00.0/information"), "GPU UUID: \t GPU-????????-????-????\n");
        ProcFs proc = new ProcFs(root);

        assertThat(proc.gpuUuid("0000:3b:00")).contains("GPU-00000000-0000-0000-0000-000000000001");
        assertThat(proc.gpuUuid("0000:5e:00")).isEmpty();
        assertThat(proc.gpuUuid("0000:af:00")).isEmpty();
    }
}
