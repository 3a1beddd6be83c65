package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.HeldStream;
import io.inferwatch.system.support.HoldingServer;
import io.inferwatch.system.support.RunningSidecar;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code inferwatch proxy} beside the sidecar: either is stopped, killed and replaced, and no client sees anything of it. */
class ProxyProcessTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final HoldingServer server = new HoldingServer();
    private final int listen = RunningSidecar.freePort();

    @AfterEach
    void endTheServer() {
        server.close();
    }

    private String config(String more) {
        return "servers:\n  - {name: w, proxy: {listen: \"127.0.0.1:" + listen + "\", upstream: \"" + server.address()
                + "\", process: own}}\n" + more;
    }

    private RunningSidecar sidecar() {
        return RunningSidecar.with().config(config("")).start();
    }

    /** Relays to the server, and hands its records to this sidecar. */
    private RunningSidecar proxy(RunningSidecar sidecar, String more) {
        RunningSidecar proxy = RunningSidecar.with()
                .command("proxy")
                .port(sidecar.port())
                .config(config(more))
                .prepared();
        proxy.launch();
        Await.until(
                () -> "the proxy is ready; it says:\n" + proxy.log(),
                SOON,
                () -> proxy.log().contains("inferwatch proxy ready: w on 127.0.0.1:" + listen));
        return proxy;
    }

    private void stopListening(RunningSidecar proxy) {
        proxy.signal("TERM");
        Await.until("new connections are refused", SOON, () -> !HeldStream.isListening(listen));
    }

    private HeldStream held() throws IOException {
        return new HeldStream(listen, "held").begun();
    }

    private void ask() throws IOException {
        try (HeldStream client = new HeldStream(listen, "at-once")) {
            assertThat(client.begun().whole()).isEqualTo(HoldingServer.ANSWER);
        }
    }

    /** All that were seen through the proxy, however they ended. */
    private static int requests(RunningSidecar sidecar) {
        JsonNode sum = sidecar.api()
                .read("/api/v1/windows", "metric", "llm.requests", "agg", "sum", "from", "-15m", "where", "server:w")
                .path("series")
                .path(0);
        return sum.path("observer").asText().equals("proxy") ? sum.path("value").asInt() : 0;
    }

    private static void awaitRequests(RunningSidecar sidecar, int count) {
        Await.value("all records arrive", SOON, () -> requests(sidecar), seen -> seen >= count);
        assertThat(requests(sidecar)).as("each counts once").isEqualTo(count);
    }

    @Test
    void aStopAmidStreams_letsThemEndWhole_refusesNewOnes_andEndsWithTheLast() throws IOException {
        try (RunningSidecar sidecar = sidecar();
                RunningSidecar proxy = proxy(sidecar, "");
                HeldStream one = held();
                HeldStream other = held()) {
            stopListening(proxy);
            assertThat(proxy.log()).contains("2 requests to w are under way; they have 10m to end");
            assertThat(proxy.isAlive()).isTrue();
            server.goOn();
            assertThat(one.whole()).isEqualTo(HoldingServer.ANSWER);
            assertThat(other.whole()).isEqualTo(HoldingServer.ANSWER);
            assertThat(proxy.awaitEnd(Duration.ofMinutes(1))).isZero();
            assertThat(proxy.log()).doesNotContain(" cut ", "ERROR");
            awaitRequests(sidecar, 2);
        }
    }

    @Test
    void aSecondStop_cutsWhatIsLeft_andSaysHowManyThatWere() throws IOException {
        try (RunningSidecar sidecar = sidecar();
                RunningSidecar proxy = proxy(sidecar, "");
                HeldStream one = held();
                HeldStream other = held()) {
            stopListening(proxy);
            proxy.signal("TERM");
            assertThat(proxy.awaitEnd(Duration.ofMinutes(1))).isEqualTo(1);
            assertThat(proxy.log()).contains("2 requests to w were cut by the stop");
            assertThatThrownBy(one::whole).isInstanceOf(IOException.class);
            assertThatThrownBy(other::whole).isInstanceOf(IOException.class);
            awaitRequests(sidecar, 2);
        }
    }

    @Test
    void theEndOfThePatience_cutsWhatIsLeft_andIsAnOrderlyEnd() throws IOException {
        try (RunningSidecar sidecar = sidecar();
                RunningSidecar proxy = proxy(sidecar, "proxy: {drain: 200ms}\n");
                HeldStream one = held()) {
            assertThat(proxy.terminate()).isZero();
            assertThat(proxy.log())
                    .contains("1 requests to w are under way; they have 200ms to end")
                    .contains("1 requests to w were cut by the stop");
            assertThatThrownBy(one::whole).isInstanceOf(IOException.class);
            awaitRequests(sidecar, 1);
        }
    }

    @Test
    void anotherTakesTheAddressOver_whileTheOldOneLetsItsStreamsEnd() throws IOException {
        try (RunningSidecar sidecar = sidecar();
                RunningSidecar old = proxy(sidecar, "");
                HeldStream one = held()) {
            stopListening(old);
            try (RunningSidecar next = proxy(sidecar, "")) {
                ask();
                assertThat(old.isAlive()).isTrue();
                server.goOn();
                assertThat(one.whole()).isEqualTo(HoldingServer.ANSWER);
                assertThat(old.awaitEnd(Duration.ofMinutes(1))).isZero();
                ask();
                awaitRequests(sidecar, 3);
                assertThat(next.terminate()).isZero();
            }
        }
    }

    /** The kills come while records are handed over, so that some are journalled and not answered. */
    @Tag("durability")
    @ParameterizedTest
    @ValueSource(strings = {"KILL", "TERM"})
    void aSidecarThatStartsAgainAmidStreams_cutsNone_losesNone_andCountsNoneTwice(String signal) throws Exception {
        try (RunningSidecar sidecar = sidecar();
                RunningSidecar proxy = proxy(sidecar, "");
                HeldStream one = held()) {
            AtomicInteger asked = new AtomicInteger();
            AtomicBoolean isOver = new AtomicBoolean();
            Thread asking = Thread.ofPlatform().start(() -> {
                while (!isOver.get()) {
                    try {
                        ask();
                        asked.incrementAndGet();
                    } catch (IOException e) {
                        throw new AssertionError("a request was refused", e);
                    }
                }
            });
            for (int restarts = 0; restarts < 3; restarts++) {
                int before = asked.get();
                Await.until("requests go through", SOON, () -> asked.get() > before + 50 || !asking.isAlive());
                sidecar.signal(signal);
                sidecar.awaitEnd(Duration.ofMinutes(1));
                int away = asked.get();
                Await.until("they do meanwhile", SOON, () -> asked.get() > away + 50 || !asking.isAlive());
                sidecar.start();
            }
            isOver.set(true);
            asking.join(Duration.ofMinutes(1));
            server.goOn();
            assertThat(one.whole()).isEqualTo(HoldingServer.ANSWER);
            assertThat(proxy.terminate()).isZero();
            assertThat(proxy.log()).doesNotContain("lost", "dropped", "rejected");
            awaitRequests(sidecar, asked.get() + 1);
        }
    }
}
