package io.inferwatch.gpu.host;

import static io.inferwatch.gpu.testing.MadeUpProc.loopback;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.inferwatch.gpu.host.HeldPort.Kinship;
import io.inferwatch.gpu.testing.MadeUpProc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortSearchTest {
    private static final String CONTAINER = "0::/docker/" + "a".repeat(64) + "\n";

    private final MadeUpProc proc;
    private final PortSearch search;

    PortSearchTest(@TempDir Path root) {
        proc = new MadeUpProc(root);
        search = new PortSearch(new ProcFs(root));
    }

    private List<HeldPort> ports(int... holders) {
        Set<Integer> pids = new HashSet<>();
        for (int holder : holders) {
            pids.add(holder);
        }
        return search.ports(pids);
    }

    /** vLLM: the server starts the engine, which starts the workers that hold the GPUs. */
    @Test
    void theServerIsFound_whenItStandsAboveTheWorker() {
        proc.begin(1, 0, "systemd", 1, loopback(22));
        proc.begin(100, 1, "vllm", 500, loopback(8000));
        proc.begin(101, 100, "VLLM::EngineCor", 510, loopback(40001));
        proc.begin(102, 101, "VLLM::Worker", 520);
        proc.begin(900, 1, "postgres", 90, loopback(5432));
        proc.ephemeralPorts(32768, 60999);

        assertThat(ports(102))
                .extracting(
                        HeldPort::port,
                        HeldPort::loopback,
                        HeldPort::owner,
                        HeldPort::ownerTicks,
                        HeldPort::command,
                        HeldPort::isEphemeral)
                .containsExactly(
                        tuple(8000, Optional.of("127.0.0.1"), 100, 500L, "vllm", false),
                        tuple(40001, Optional.of("127.0.0.1"), 101, 510L, "VLLM::EngineCor", true));
        assertThat(ports(102).getFirst().kinships()).isEqualTo(Map.of(102, Kinship.LINE));
    }

    /** TGI: one launcher starts a router, which listens, and shards, which hold the GPUs. */
    @Test
    void theServerIsFound_whenItStandsBesideTheWorkerUnderOneLauncher() {
        proc.begin(100, 1, "tgi-launcher", 500);
        proc.begin(101, 100, "tgi-router", 510, loopback(3000));
        proc.begin(102, 100, "tgi-server", 520, loopback(29500));

        assertThat(ports(102))
                .extracting(HeldPort::port, HeldPort::kinships)
                .containsExactly(tuple(3000, Map.of(102, Kinship.SIBLING)), tuple(29500, Map.of(102, Kinship.LINE)));
    }

    @Test
    void theServerIsFound_whenItSharesTheWorkersContainerOnly() {
        proc.begin(100, 1, "api", 500, loopback(8000));
        proc.begin(101, 1, "engine", 510);
        proc.cgroup(100, CONTAINER);
        proc.cgroup(101, CONTAINER);

        assertThat(ports(101))
                .singleElement()
                .satisfies(port -> assertThat(port.kinships()).isEqualTo(Map.of(101, Kinship.CONTAINER)));
    }

    @Test
    void addressesAreRead_inEveryFormInWhichAPortIsReachedFromHere() {
        proc.begin(
                100,
                1,
                "api",
                500,
                "00000000:1F40",
                "0B00007F:1F41",
                "0".repeat(32) + ":1F42",
                "0".repeat(24) + "01000000:1F43",
                "0000000000000000FFFF00000100007F:1F44",
                "0500000A:1F45");

        assertThat(ports(100))
                .extracting(HeldPort::port, HeldPort::loopback)
                .containsExactly(
                        tuple(8000, Optional.of("127.0.0.1")),
                        tuple(8001, Optional.of("127.0.0.11")),
                        tuple(8002, Optional.of("[::1]")),
                        tuple(8003, Optional.of("[::1]")),
                        tuple(8004, Optional.of("127.0.0.1")),
                        tuple(8005, Optional.empty()));
    }

    /** Workers of one server that took the socket over from it. */
    @Test
    void aPortIsOne_whenSeveralProcessesHoldIt() {
        proc.begin(100, 1, "api", 500, loopback(8000));
        proc.begin(101, 100, "api", 510, loopback(8000));

        assertThat(ports(101))
                .singleElement()
                .satisfies(port -> assertThat(port.owner()).isEqualTo(100));
    }

    /** As that of another user: who may list its descriptors is decided by the kernel. */
    @Test
    void aProcessWhoseSocketsCannotBeListed_isNotSeen() throws IOException {
        proc.begin(100, 1, "vllm", 500);
        Files.delete(proc.root().resolve("100/fd"));

        assertThat(search.isVisible(100)).isFalse();
        assertThat(ports(100)).isEmpty();
    }

    @Test
    void aProcessIsGone_whenItsPidIsAnothersOrNobodys() {
        proc.begin(100, 1, "api", 500);
        assertThat(search.isRunning(100, 500)).isTrue();
        assertThat(search.isVisible(100)).isTrue();
        proc.end(100);
        assertThat(search.isRunning(100, 500)).isFalse();
        assertThat(search.isVisible(100)).isFalse();
        proc.begin(100, 1, "other", 900);
        assertThat(search.isRunning(100, 500)).isFalse();
        assertThat(ports(77)).as("a holder that cannot be seen").isEmpty();
    }
}
