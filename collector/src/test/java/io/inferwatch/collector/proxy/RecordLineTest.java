package io.inferwatch.collector.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Collector;
import io.inferwatch.collector.CollectorConfig;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.ListJournal;
import io.inferwatch.collector.Observer;
import io.inferwatch.collector.Outcome;
import io.inferwatch.collector.RecordingSink;
import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.RequestText;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.ids.IdHash;
import io.inferwatch.collector.push.BodyFormat;
import io.inferwatch.collector.push.IntakeOptions;
import io.inferwatch.collector.push.IntakeOutcome;
import io.inferwatch.collector.push.RequestIntake;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a proxy of its own process hands over is what one within the sidecar journals. */
class RecordLineTest {
    private static final IntakeOptions SEEN_BY_PROXY = new IntakeOptions(true, false, Observer.PROXY);

    private static Collector collector() {
        return new Collector(CollectorConfig.DEFAULT, new ListJournal(), LabelSet.EMPTY, new IdHash(1, 2), () -> false)
                .recallIds();
    }

    private static RequestMeasurement.Builder request() {
        return new RequestMeasurement.Builder()
                        .observer(Observer.PROXY)
                        .id("req-\"1\"")
                        .attempt(2)
                        .ownEpochMillis(1_790_000_000_000L - 1_500)
                        .outcome(Outcome.CLIENT_ABORT)
                        .stream(true)
                        .text(RequestText.MODEL, "llama\n3")
                        .text(RequestText.SERVER, "writer")
                        .text(RequestText.TENANT, "ä")
                        .amount(RequestAmount.TTFT, 41_207)
                        .amount(RequestAmount.TPOT, 9_001)
                        .amount(RequestAmount.LATENCY, 2_000_500)
                        .amount(RequestAmount.OUTPUT_TOKENS, 101)
                        .amount(RequestAmount.STATUS, 200);
    }

    private static IntakeOutcome handOver(Collector to, byte[] line) throws IOException {
        return new RequestIntake(to, IdentityKey.of(new byte[32]))
                .accept(new ByteArrayInputStream(line), BodyFormat.NDJSON, SEEN_BY_PROXY);
    }

    @Test
    void recordHandedOver_isTheRecordThatWasMade() throws IOException {
        Collector own = collector();
        own.accept(List.of(request().build()));
        Collector other = collector();
        assertThat(handOver(other, RecordLine.of(request().build(), 0))).isInstanceOf(IntakeOutcome.Accepted.class);
        List<RecordingSink.Observation> observed = RecordingSink.of(other).observations();
        assertThat(observed).isEqualTo(RecordingSink.of(own).observations()).isNotEmpty();
        assertThat(observed.getFirst().labels().get("observer")).hasValue("proxy");
    }

    @Test
    void recordHandedOverTwice_countsOnce_andBesideAPushedOneOfItsId() throws IOException {
        Collector other = collector();
        byte[] line = RecordLine.of(request().build(), 0);
        handOver(other, line);
        handOver(other, line);
        new RequestIntake(other, IdentityKey.of(new byte[32]))
                .accept(new ByteArrayInputStream(line), BodyFormat.NDJSON, IntakeOptions.DEFAULT);
        assertThat(RecordingSink.of(other).of("llm.requests").stream()
                        .map(each -> each.labels().get("observer").orElse("")))
                .containsExactly("proxy", "push");
    }
}
