package io.inferwatch.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.identity.IdentityPolicy;
import io.inferwatch.collector.ids.IdHash;
import io.inferwatch.gpu.GpuVerdict;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CollectorTest {
    private static final LabelSet ALWAYS = LabelSet.of("host", "h1");
    private static final Instant AT = Instant.parse("2026-11-20T10:00:00Z");
    private final ListJournal journal = new ListJournal();
    private final Collector collector = collector();

    private Collector collector() {
        return new Collector(CollectorConfig.DEFAULT, journal, ALWAYS, new IdHash(3, 4), () -> false).recallIds();
    }

    private static RequestMeasurement.Builder request(String id) {
        return new RequestMeasurement.Builder().text(RequestText.MODEL, "m").id(id);
    }

    private BatchOutcome append(Measurement... measurements) {
        MeasurementBatch batch = collector.newBatch().clear(journal.nowEpochMillis(), false);
        List.of(measurements).forEach(batch::add);
        return collector.append(batch);
    }

    @Test
    void oneRequestTellsOfItsSource_whenTheRowsHoldTheRest() {
        append(
                request("a").amount(RequestAmount.TTFT, 1_000).build(),
                request("b").amount(RequestAmount.TTFT, 2_000).build(),
                new SampleMeasurement(
                        MetricCatalogue.find("custom.queue").orElseThrow(),
                        LabelSet.EMPTY,
                        7,
                        OptionalLong.empty(),
                        SampleMeasurement.Origin.UNKNOWN),
                request("c").build());
        RecordingSink sink = new RecordingSink();
        sink.needNothing();
        try (MeasurementTail tail = collector.tail(1)) {
            assertThat(tail.poll(sink)).isTrue();
        }

        assertThat(sink.observations())
                .extracting(RecordingSink.Observation::metric, RecordingSink.Observation::scaled)
                .containsExactly(tuple("llm.requests", 1L), tuple("custom.queue", 7L));
        assertThat(RecordingSink.of(collector).of("llm.requests")).hasSize(3);
        assertThat(RecordingSink.of(collector).of("llm.ttft")).hasSize(2);
    }

    @Test
    void sendersShareTheDisk_whenStrict() throws Exception {
        int senders = 4;
        journal.isStrict(senders);
        try (ExecutorService pool = Executors.newFixedThreadPool(senders)) {
            List<Future<BatchOutcome>> outcomes = IntStream.range(0, senders)
                    .mapToObj(i -> pool.submit(() -> append(request("r" + i).build())))
                    .toList();
            for (Future<BatchOutcome> outcome : outcomes) {
                assertThat(outcome.get()).isEqualTo(new BatchOutcome.Taken(1, 0));
            }
        }
    }

    @Test
    void duplicateWaitsForTheDiskToo_whenStrict() {
        append(request("a").build());
        journal.isStrict(1);

        assertThat(append(request("a").build())).isEqualTo(new BatchOutcome.Taken(0, 1));
        assertThat(journal.waitedFor()).isEqualTo(1);
    }

    @Test
    void idIsNewAgain_whenTheDiskRefusedIt() {
        append(request("old").build());
        journal.isStrict(1);
        journal.isDiskBroken(true);
        assertThat(append(request("old").build(), request("a").build())).isInstanceOf(BatchOutcome.Failed.class);
        journal.isDiskBroken(false);

        assertThat(append(request("old").build(), request("a").build())).isEqualTo(new BatchOutcome.Taken(1, 1));
    }

    @Test
    void bitsAreTheirPlaces_soThatTheJournalStaysReadable() {
        assertThat(Stream.of(RequestText.values()).map(RequestText::bit))
                .containsExactlyElementsOf(numbers(RequestText.values().length));
        assertThat(Stream.of(RequestAmount.values()).map(RequestAmount::bit))
                .containsExactlyElementsOf(numbers(RequestAmount.values().length));
        assertThat(Stream.of(Outcome.values()).map(Outcome::code))
                .containsExactlyElementsOf(numbers(Outcome.values().length));
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @Test
    void everyField_comesBackFromThePayload() throws Exception {
        RequestMeasurement.Builder full =
                request("id").attempt(3).ownEpochMillis(5).outcome(Outcome.REJECTED).stream(false);
        for (RequestText text : RequestText.values()) {
            full.text(text, "текст " + text);
        }
        for (RequestAmount amount : RequestAmount.values()) {
            full.amount(amount, amount.steps().highest());
        }
        full.extras(new RequestExtras(
                Map.of("a", "1", "b", "2"), List.of("x"), List.of("GPU-1", "GPU-2"), Optional.of("{}")));
        SampleMeasurement sample = new SampleMeasurement(
                MetricCatalogue.require("eval.x"),
                LabelSet.of("a", "b"),
                -7,
                OptionalLong.of(9),
                new SampleMeasurement.Origin(Optional.of("r"), OptionalLong.of(1), Optional.of("e"), Optional.of("v")));
        GpuMeasurement gpu = new GpuMeasurement(
                7,
                "GPU-7",
                11,
                List.of(
                        new GpuMeasurement.Values(MetricCatalogue.require("gpu.power"), Optional.empty(), 1, 2, 3),
                        new GpuMeasurement.Values(
                                MetricCatalogue.require("gpu.temperature.margin"), Optional.of("nvml"), -4),
                        new GpuMeasurement.Values(
                                MetricCatalogue.require("gpu.throttle"), LabelSet.of("reason", "hw_thermal"), 5),
                        new GpuMeasurement.Values(
                                MetricCatalogue.require("gpu.xid"), LabelSet.of("xid", "79", "kind", "reset"), 1)));
        SourceGap gap = new SourceGap("gpu/GPU-7", AT, AT.plusSeconds(1), "hung");
        List<Measurement> all = List.of(full.build(), request("bare").build(), sample, gpu, gap);
        append(all.toArray(Measurement[]::new));

        BatchReader reader = new BatchReader();
        reader.open(ByteBuffer.wrap(journal.payload(1)));
        for (Measurement expected : all) {
            assertThat(reader.next()).isEqualTo(expected);
        }
        assertThat(reader.recordsLeft()).isZero();
    }

    @Test
    void damagedPayloads_endInALossAndNeverInAThrow() {
        append(
                request("a")
                        .text(RequestText.ROUTE, "r")
                        .amount(RequestAmount.TTFT, 5)
                        .extras(new RequestExtras(Map.of("a", "b"), List.of(), List.of(), Optional.of("{}")))
                        .build(),
                request("b").build());
        collector.accept(
                CollectorGpuTest.poll(AT, GpuVerdict.State.HEALTHY, 1, CollectorGpuTest.value("gpu.power", "", 1, 2)));
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 30_000; round++) {
            byte[] bytes = journal.payload(1 + round % 2);
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
            ListJournal damaged = new ListJournal();
            damaged.append(ByteBuffer.wrap(bytes, 0, length), 1);
            Collector reading =
                    new Collector(CollectorConfig.DEFAULT, damaged, ALWAYS, new IdHash(1, 2), () -> false).recallIds();
            RecordingSink seen = RecordingSink.of(reading);
            assertThat(seen.losses().size()).as("seed " + seed).isLessThanOrEqualTo(3);
        }
    }

    @Test
    void aPayloadOfALaterFormat_isCountedAsLost() {
        journal.append(ByteBuffer.wrap(new byte[] {2, 0, 0, 0, 0}), 1);
        assertThat(RecordingSink.of(collector).losses()).containsExactly("1: payload format 2, known is 1");
        assertThat(collector.stats().damagedMeasurements()).isEqualTo(1);
    }

    @Test
    void theSinkIsToldWhatIsHistory_whenABatchCameByBackfill() {
        append(request("live").build());
        MeasurementBatch history = collector.newBatch().clear(journal.nowEpochMillis(), true);
        history.add(request("old").build());
        collector.append(history);
        append(request("live again").build());

        assertThat(RecordingSink.of(collector).backfills()).containsExactly(false, true, false);
    }

    @Test
    void idsAreKnownAgain_afterARestart() {
        append(request("a").build(), request("b").attempt(2).build());
        journal.now(journal.nowEpochMillis() + 300_000);
        append(request("c").build());
        Collector restarted = collector();
        assertThat(restarted.stats().idsHeld()).isEqualTo(3);
        MeasurementBatch batch = restarted.newBatch().clear(0, false);
        batch.add(request("b").attempt(2).build());
        batch.add(request("b").attempt(1).build());
        assertThat(restarted.append(batch)).isEqualTo(new BatchOutcome.Taken(1, 1));

        journal.now(journal.nowEpochMillis() + 400_000);
        assertThat(collector().stats().idsHeld())
                .as("a and b are older than ten minutes")
                .isEqualTo(2);
    }

    @Test
    void aRequest_becomesSamplesOfItsSeries() {
        RequestMeasurement request = request("id")
                .text(RequestText.ROUTE, "chat")
                .text(RequestText.TENANT, "t")
                .text(RequestText.FINISH_REASON, "stop")
                .text(RequestText.USER, "u")
                .amount(RequestAmount.TTFT, 10_000)
                .amount(RequestAmount.LATENCY, 50_000)
                .amount(RequestAmount.TPOT, 10_000)
                .amount(RequestAmount.OUTPUT_TOKENS, 5)
                .amount(RequestAmount.INPUT_TOKENS, 9)
                .amount(RequestAmount.QUALITY, 9000)
                .amount(RequestAmount.COST, 17)
                .build();
        append(request);
        RecordingSink seen = RecordingSink.of(collector);
        LabelSet latency =
                LabelSet.of("host", "h1", "observer", "push", "model", "m", "route", "chat", "outcome", "success");
        LabelSet traffic = latency.plus(LabelSet.of("tenant", "t"));
        long at = journal.nowEpochMillis();
        assertThat(seen.observations())
                .containsExactlyInAnyOrder(
                        observation("llm.ttft", latency, at, 10_000, 1),
                        observation("llm.latency", latency, at, 50_000, 1),
                        observation("llm.tpot", latency, at, 10_000, 1),
                        observation("llm.tpot.token_weighted", latency, at, 10_000, 4),
                        observation("llm.latency.token_weighted", latency, at, 50_000, 5),
                        observation("llm.requests", traffic.plus(LabelSet.of("finish_reason", "stop")), at, 1, 1),
                        observation("llm.tokens.input", traffic, at, 9, 1),
                        observation("llm.tokens.output", traffic, at, 5, 1),
                        observation("llm.quality", traffic, at, 9000, 1),
                        observation(
                                "cost.usd",
                                LabelSet.of("host", "h1", "observer", "push", "model", "m", "tenant", "t", "user", "u"),
                                at,
                                17,
                                1));
        assertThat(seen.of("llm.ttft").getFirst().labels())
                .isSameAs(seen.of("llm.tpot").getFirst().labels());
    }

    private static RecordingSink.Observation observation(
            String metric, LabelSet labels, long at, long scaled, long weight) {
        return new RecordingSink.Observation(metric, labels, at, scaled, weight, "id");
    }

    @Test
    void aRequestWithoutAnId_isNamedByItsPlaceInTheJournal() {
        append(new RequestMeasurement.Builder().text(RequestText.MODEL, "m").build());
        assertThat(RecordingSink.of(collector).of("llm.requests").getFirst().requestId())
                .isEqualTo("iw-1-0");
    }

    @Test
    void configuredLabels_mayComeFromTheSendersOwn() {
        CollectorConfig.Labels labels =
                new CollectorConfig.Labels(List.of("model", "region"), List.of("model"), List.of());
        CollectorConfig config = new CollectorConfig(labels, IdentityPolicy.HASHED, Duration.ofHours(1), 10, 10);
        append(request("a")
                .amount(RequestAmount.TTFT, 1)
                .extras(new RequestExtras(Map.of("region", "eu", "other", "x"), List.of(), List.of(), Optional.empty()))
                .build());
        Collector configured = new Collector(config, journal, ALWAYS, new IdHash(3, 4), () -> false).recallIds();
        assertThat(RecordingSink.of(configured).of("llm.ttft").getFirst().labels())
                .isEqualTo(LabelSet.of(
                        "host", "h1", "observer", "push", "model", "m", "region", "eu", "outcome", "success"));
    }

    @Test
    void configuration_namesWhatIsWrong() {
        assertThatThrownBy(() -> new CollectorConfig.Labels(List.of("a b"), List.of(), List.of()))
                .hasMessageContaining("collector.labels.latency")
                .hasMessageContaining("a b");
        assertThatThrownBy(() -> new CollectorConfig.Labels(List.of(), List.of("host"), List.of()))
                .hasMessageContaining("set by Inferwatch");
        assertThatThrownBy(() -> new CollectorConfig.Labels(List.of(), List.of(), List.of("x", "x")))
                .hasMessageContaining("twice");
        assertThatThrownBy(() ->
                        new CollectorConfig(CollectorConfig.Labels.DEFAULT, IdentityPolicy.DROP, Duration.ZERO, 1, 1))
                .hasMessageContaining("max_lateness");
        assertThatThrownBy(() -> new CollectorConfig(
                        CollectorConfig.Labels.DEFAULT, IdentityPolicy.DROP, Duration.ofHours(1), 5, 1))
                .hasMessageContaining("max_series");
    }

    @Test
    void bucketsAndWeights_comeOutOfTheJournalAsTheyWentIn() {
        Buckets added = new Buckets(new double[] {337.5, 1e6}, new long[] {3, 0, 2}, OptionalDouble.of(7.25e6));
        LabelSet labels = LabelSet.of("server", "s", "observer", "scrape");
        append(
                new BucketedMeasurement(MetricCatalogue.require("llm.ttft"), labels, AT.toEpochMilli(), added),
                new SampleMeasurement(
                        MetricCatalogue.require("llm.requests"),
                        labels,
                        1,
                        41,
                        OptionalLong.of(AT.toEpochMilli()),
                        SampleMeasurement.Origin.UNKNOWN));
        RecordingSink sink = RecordingSink.of(collector);
        assertThat(sink.bucketsOf("llm.ttft"))
                .containsExactly(
                        new RecordingSink.BucketObservation("llm.ttft", labels.plus(ALWAYS), AT.toEpochMilli(), added));
        assertThat(sink.of("llm.requests").getFirst().weight()).isEqualTo(41);
    }
}
