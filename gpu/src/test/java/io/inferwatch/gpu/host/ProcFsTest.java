package io.inferwatch.gpu.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcFsTest {
    private static final String ID_A = "a".repeat(63) + "1";
    private static final String ID_B = "b".repeat(63) + "2";
    private static final String POD = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";

    private final Path root;
    private final AtomicLong nanos = new AtomicLong();

    ProcFsTest(@TempDir Path root) {
        this.root = root;
    }

    private void process(int pid, int parent, String name, String cgroup) throws IOException {
        Path folder = root.resolve(Integer.toString(pid));
        Files.createDirectories(folder.resolve("fd"));
        Files.writeString(folder.resolve("comm"), name + "\n");
        Files.writeString(folder.resolve("stat"), pid + " (" + name + ") S " + parent + " 1 1 0 -1 4194560 1\n");
        Files.writeString(folder.resolve("cgroup"), cgroup);
    }

    private void listens(int pid, int port, int inode) throws IOException {
        Files.createSymbolicLink(root.resolve(pid + "/fd/7"), Path.of("socket:[" + inode + "]"));
        Path table = Files.createDirectories(root.resolve("net")).resolve("tcp");
        String before = Files.exists(table) ? Files.readString(table) : "  sl  local_address rem_address st\n";
        Files.writeString(
                table,
                before
                        + "   0: 0100007F:%04X 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 %d 1 0\n"
                                .formatted(port, inode)
                        + "   1: 0100007F:%04X 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 %d 1 0\n"
                                .formatted(port, inode + 500));
    }

    private ServerFinder finder(Map<String, Integer> ports) {
        ServerFinder finder = new ServerFinder(new ProcFs(root), nanos::get);
        finder.lookFor(ports);
        return finder;
    }

    @Test
    void containerAndPodAreTold_forEachRuntime() throws IOException {
        process(
                10,
                1,
                "VLLM::EngineCor",
                "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + POD.replace('-', '_')
                        + ".slice/cri-containerd-" + ID_A + ".scope\n");
        process(11, 1, "a", "12:cpu:/x\n11:devices:/kubepods/burstable/pod" + POD + "/" + ID_B + "\n");
        process(12, 1, "a", "0::/system.slice/docker-" + ID_A + ".scope\n");
        process(13, 1, "a", "0::/user.slice/user-1000.slice/session-2.scope\n");

        ProcFs proc = new ProcFs(root);

        assertThat(proc.process(10))
                .contains(new HostProcess(10, 1, "VLLM::EngineCor", Optional.of(ID_A), Optional.of(POD)));
        assertThat(proc.process(11)).contains(new HostProcess(11, 1, "a", Optional.of(ID_B), Optional.of(POD)));
        assertThat(proc.process(12)).contains(new HostProcess(12, 1, "a", Optional.of(ID_A), Optional.empty()));
        assertThat(proc.process(13)).contains(new HostProcess(13, 1, "a", Optional.empty(), Optional.empty()));
        assertThat(proc.process(99)).isEmpty();
    }

    @Test
    void parentIsRead_whenTheNameHoldsParenthesesAndBlanks() throws IOException {
        process(10, 7, "a) S 99 (b", "");

        assertThat(new ProcFs(root).process(10).orElseThrow().parentPid()).isEqualTo(7);
    }

    @Test
    void listenersAreFoundByTheirSockets_andOnlyThoseAskedFor() throws IOException {
        process(10, 1, "a", "");
        process(11, 1, "b", "");
        listens(10, 8000, 1234);
        listens(11, 9000, 4321);

        assertThat(new ProcFs(root).listeners(Set.of(8000))).isEqualTo(Map.of(8000, Set.of(10)));
        assertThat(new ProcFs(root.resolve("nowhere")).listeners(Set.of(8000))).isEmpty();
    }

    /** As vLLM does it: a launcher, the API server that listens, and the engine that holds the GPU beside it. */
    @Test
    void workerIsItsServers_whenChildOrSiblingOfTheListener() throws IOException {
        process(100, 1, "vllm", "");
        process(101, 100, "api", "");
        process(102, 100, "engine", "");
        process(103, 101, "worker", "");
        process(200, 1, "vllm", "");
        process(201, 200, "engine", "");
        listens(101, 8000, 11);
        listens(200, 8001, 22);
        ServerFinder finder = finder(Map.of("a", 8000, "b", 8001));

        assertThat(finder.serverOf(102)).contains("a");
        assertThat(finder.serverOf(103)).contains("a");
        assertThat(finder.serverOf(201)).contains("b");
    }

    @Test
    void workerIsNobodys_whenItCouldBeOfTwoServersOrOfNone() throws IOException {
        process(50, 1, "bash", "");
        process(100, 50, "a", "");
        process(200, 50, "b", "");
        process(300, 50, "train", "");
        process(400, 1, "other", "");
        listens(100, 8000, 11);
        listens(200, 8001, 22);
        ServerFinder finder = finder(Map.of("a", 8000, "b", 8001));

        assertThat(finder.serverOf(300)).isEmpty();
        assertThat(finder.serverOf(400)).isEmpty();
        assertThat(finder.serverOf(200)).contains("b");
        assertThat(finder(Map.of()).serverOf(200)).isEmpty();
    }

    @Test
    void workerIsItsServers_whenTheyShareAContainer() throws IOException {
        process(100, 1, "api", "0::/docker/" + ID_A + "\n");
        process(101, 1, "engine", "0::/docker/" + ID_A + "\n");
        process(102, 1, "engine", "0::/docker/" + ID_B + "\n");
        listens(100, 8000, 11);
        ServerFinder finder = finder(Map.of("a", 8000));

        assertThat(finder.serverOf(101)).contains("a");
        assertThat(finder.serverOf(102)).isEmpty();
    }
}
