package io.inferwatch.notifier.outages;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Outcome;
import io.inferwatch.notifier.outages.SimulatedHost.Told;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the built-in pack, untouched, does about outages: who is told of what, and how soon. One cause is one page; what is
 * only looked at may be told before the page, never instead of it. The seed names the traffic.
 */
class PackOutagesTest {
    private static final Duration WARM = Duration.ofMinutes(75);
    private static final Duration OUTAGE = Duration.ofMinutes(45);

    @TempDir
    Path folder;

    private final long seed = SimulatedHost.TRAFFIC_SEED;
    private SimulatedHost host;
    private ModelServer server;
    private ModelServer other;
    private SimulatedGpu gpu;

    /** When the outage began. */
    private Instant began;

    @BeforeEach
    void twoServersOfOneModel() {
        host = new SimulatedHost(folder);
        server = host.discover(new ModelServer("llama-a", "llama", 1, seed));
        other = host.discover(new ModelServer("llama-b", "llama", 1, seed + 1));
        gpu = host.plug(new SimulatedGpu(0, server));
        host.plug(new SimulatedGpu(1, other));
        began = host.now();
    }

    @AfterEach
    void nobodyWasToldWrongly() {
        assertThat(host.sidecar.receivers.faults).as("seed %d", seed).isEmpty();
        host.close();
    }

    private void quiet(Duration time) {
        host.run(time);
        assertThat(host.pages()).as("seed %d, pages before the outage", seed).isEmpty();
        host.told.clear();
        began = host.now();
    }

    /** The one page of the outage is about this and comes in time. */
    private void assertOnePage(String about, Duration atMost) {
        List<Told> pages = host.pages();
        assertThat(pages).as("seed %d: %s", seed, host.told).singleElement().satisfies(page -> {
            assertThat(page.what()).startsWith("inferwatch/gpu-host-17/" + about);
            assertThat(Duration.between(began, page.at())).isLessThanOrEqualTo(atMost);
        });
    }

    /** What is only looked at, by the words of its message. */
    private void assertOnlyChat(String... words) {
        List<Told> chat = host.chat();
        assertThat(chat).as("seed %d: %s", seed, host.told).hasSameSizeAs(words);
        for (int i = 0; i < words.length; i++) {
            assertThat(chat.get(i).what()).contains(words[i]);
        }
    }

    /** When all is well again, nothing stays open. */
    private void assertClosesAfter(Duration time) {
        host.run(time);
        assertThat(host.sidecar.receivers.open).as("seed %d", seed).isEmpty();
    }

    @Test
    void serverDown() {
        quiet(WARM);
        server.isUp = false;
        host.run(OUTAGE);
        assertOnePage("server_down/server=llama-a", Duration.ofSeconds(20));
        assertOnlyChat();
        server.isUp = true;
        assertClosesAfter(Duration.ofHours(2));
    }

    @Test
    void everyRequestFails() {
        quiet(WARM);
        server.failedShare = 1;
        host.run(OUTAGE);
        assertOnePage("all_failing/model=llama,server=llama-a", Duration.ofSeconds(90));
        assertOnlyChat();
        server.failedShare = 0;
        assertClosesAfter(Duration.ofHours(2));
    }

    @Test
    void threeRequestsInFiveMinutesAllTimeOut() {
        server.requestsPerSecond = 0;
        other.requestsPerSecond = 0;
        server.failure = Outcome.TIMEOUT;
        every100Seconds(45, false);
        quiet(Duration.ofSeconds(40));
        every100Seconds(4, true);
        host.run(Duration.ofSeconds(60));
        assertThat(host.pages()).as("seed %d, after four of them", seed).isEmpty();
        began = host.now();
        every100Seconds(5, true);
        assertOnePage("all_failing/model=llama,server=llama-a", Duration.ofSeconds(15));
        assertOnlyChat();
    }

    private void every100Seconds(int requests, boolean isFailed) {
        for (int i = 0; i < requests; i++) {
            server.finish(host.batch, "acme", isFailed);
            host.send();
            host.run(Duration.ofSeconds(100));
        }
    }

    @Test
    void engineHoldsRequestsAndMakesNoToken() {
        quiet(WARM);
        server.isStalled = true;
        host.run(OUTAGE);
        assertOnePage("engine_stalled/server=llama-a", Duration.ofSeconds(90));
        assertOnlyChat();
    }

    @Test
    void gpuIsLostAndItsServerHangs() {
        quiet(WARM);
        gpu.isLost = true;
        server.isStalled = true;
        host.run(OUTAGE);
        assertOnePage("gpu_lost/gpu=0,server=llama-a", Duration.ofSeconds(20));
        assertOnlyChat();
        // The server was started on what is left of the host, and fails again while the GPU waits for its reboot.
        server.isStalled = false;
        host.run(OUTAGE);
        host.told.clear();
        began = host.now();
        server.isUp = false;
        host.run(OUTAGE);
        assertOnePage("server_down/server=llama-a", Duration.ofSeconds(20));
    }

    @Test
    void xid79TakesGpuAndServerAlong() {
        quiet(WARM);
        gpu.xid(host.collector, host.now(), 79);
        gpu.isLost = true;
        server.isUp = false;
        host.run(Duration.ofHours(3));
        assertOnePage("gpu_xid/gpu=0,server=llama-a", Duration.ofSeconds(10));
        assertOnlyChat();
    }

    @Test
    void gpuIsThrottledByHeat() {
        quiet(WARM);
        gpu.celsius = 88;
        gpu.throttledShare = 0.6;
        server.slowness = 1.8;
        host.run(OUTAGE);
        assertOnePage("gpu_throttled/gpu=0,reason=sw_thermal", Duration.ofMinutes(9));
        assertOnlyChat("is slowed down (sw_thermal)");
    }

    @Test
    void keyValueCacheIsFull() {
        quiet(WARM);
        server.kvUsage = 0.99;
        server.preemptionsPerSecond = 0.2;
        server.waiting = 12;
        server.slowness = 1.6;
        host.run(OUTAGE);
        assertThat(host.pages()).as("seed %d", seed).isEmpty();
        assertOnlyChat("KV cache of llama-a");
    }

    @Test
    void everyTenthRequestFails() {
        quiet(WARM);
        server.failedShare = 0.1;
        host.run(OUTAGE);
        assertOnePage("error_rate/model=llama,server=llama-a", Duration.ofMinutes(11));
        assertOnlyChat("of requests to llama fail", "llama is unwell");
    }

    /** What is judged by its own past, one after another on a host that has one. */
    @Test
    void spendLatencyAndTenantsLeaveTheirUsualWays() {
        quiet(Duration.ofHours(13));
        server.dearness = 25;
        other.dearness = 25;
        host.run(OUTAGE);
        assertOnePage("spend_spike/tenant=acme", Duration.ofMinutes(35));
        assertOnlyChat("Tenant acme spends");
        server.dearness = 1;
        other.dearness = 1;
        calm();

        server.badTenantShare = 5;
        server.slowness = 1.1;
        host.run(OUTAGE);
        assertThat(host.pages()).as("seed %d", seed).isEmpty();
        assertOnlyChat("Tenant initech spends");
        server.badTenantShare = 0;
        server.slowness = 1;
        calm();

        server.slowness = 2.4;
        host.run(Duration.ofMinutes(28));
        assertOnePage("sla_violated/model=llama,server=llama-a", Duration.ofMinutes(14));
        // Which of the signals is past its limit first is a matter of chance.
        assertThat(host.chat())
                .as("seed %d", seed)
                .hasSizeBetween(1, 3)
                .allSatisfy(told -> assertThat(told.what())
                        .containsAnyOf("Latency p95", "TTFT p95", "Time per token p95", "llama is unwell"));
        assertThat(host.opened()).as("seed %d", seed).anyMatch(alert -> alert.startsWith("P2 latency_regression{"));
    }

    private void calm() {
        host.run(Duration.ofMinutes(90));
        host.told.clear();
        began = host.now();
    }
}
