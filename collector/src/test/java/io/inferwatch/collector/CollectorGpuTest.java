package io.inferwatch.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.ids.IdHash;
import io.inferwatch.gpu.FieldReading;
import io.inferwatch.gpu.GpuField;
import io.inferwatch.gpu.GpuFields;
import io.inferwatch.gpu.GpuIdentity;
import io.inferwatch.gpu.GpuPoll;
import io.inferwatch.gpu.GpuVerdict;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.Samples;
import io.inferwatch.gpu.XidEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What of a poll of the GPUs becomes a measurement. */
class CollectorGpuTest {
    private static final Instant AT = Instant.parse("2026-11-20T10:00:00Z");
    private final ListJournal journal = new ListJournal();
    private final Collector collector = new Collector(
                    CollectorConfig.DEFAULT, journal, LabelSet.of("host", "h1"), new IdHash(3, 4), () -> false)
            .recallIds();

    static GpuPoll poll(Instant at, GpuVerdict.State state, int generation, FieldReading... readings) {
        return new GpuPoll(
                new GpuIdentity(0, "GPU-1", "H200"),
                generation,
                at,
                new GpuVerdict(state, "gone", "", at),
                List.of(readings));
    }

    static FieldReading value(String metric, String source, double... values) {
        return new FieldReading(
                new GpuField(metric, ""),
                Optional.ofNullable(source.isEmpty() ? null : source),
                new Reading.Value<>(Samples.of(values)));
    }

    @Test
    void aPoll_becomesTheValuesThatWereRead_andNothingForThoseThatWereNot() {
        collector.accept(poll(
                AT,
                GpuVerdict.State.HEALTHY,
                1,
                value("gpu.power", "", 401.25),
                value("gpu.sm.utilization", "gpm", 50, 60),
                value("gpu.temperature.margin", "", -3),
                value("gpu.power", "", -1),
                value("gpu.unheard_of", "", 1),
                new FieldReading(new GpuField("gpu.temperature", "C"), Optional.empty(), new Reading.Unsupported<>()),
                new FieldReading(new GpuField("gpu.clock.sm", "MHz"), Optional.empty(), new Reading.Failed<>(999))));
        LabelSet labels = LabelSet.of("host", "h1", "gpu", "0", "uuid", "GPU-1");
        long at = AT.toEpochMilli();
        LabelSet gpm = labels.plus(LabelSet.of("source", "gpm"));
        assertThat(RecordingSink.of(collector).observations())
                .containsExactly(
                        new RecordingSink.Observation("gpu.power", labels, at, 401_250, 1, null),
                        new RecordingSink.Observation("gpu.sm.utilization", gpm, at, 500_000, 1, null),
                        new RecordingSink.Observation("gpu.sm.utilization", gpm, at, 600_000, 1, null),
                        new RecordingSink.Observation("gpu.temperature.margin", labels, at, -3_000, 1, null));
        assertThat(collector.stats().gpuValuesRefused()).isEqualTo(2);
    }

    @Test
    void gpuThatAServerUses_bearsItsName_andItsCountersGoOn() {
        GpuIdentity gpu = new GpuIdentity(0, "GPU-1", "H200");
        GpuVerdict well = new GpuVerdict(GpuVerdict.State.HEALTHY, "", "", AT);
        collector.accept(new GpuPoll(gpu, 1, AT, well, List.of(value("gpu.energy", "", 100))));
        collector.accept(new GpuPoll(
                gpu, Optional.of("llama"), 1, AT.plusSeconds(1), well, List.of(value("gpu.energy", "", 103))));

        LabelSet labels = LabelSet.of("host", "h1", "gpu", "0", "uuid", "GPU-1", "server", "llama");
        assertThat(RecordingSink.of(collector).observations())
                .containsExactly(new RecordingSink.Observation(
                        "gpu.energy", labels, AT.plusSeconds(1).toEpochMilli(), 3_000, 1, null));
    }

    @Test
    void xid_isOneMoreOfItsNumberAndKind() {
        XidEvent event =
                new XidEvent(new GpuIdentity(3, "GPU-3", "H200"), AT, 79, OptionalInt.empty(), XidEvent.Origin.NVML);
        collector.accept(event);
        collector.accept(event);

        LabelSet labels = LabelSet.of("host", "h1", "gpu", "3", "uuid", "GPU-3", "xid", "79", "kind", "restart_node");
        RecordingSink.Observation once =
                new RecordingSink.Observation("gpu.xid", labels, AT.toEpochMilli(), 1, 1, null);
        assertThat(RecordingSink.of(collector).observations()).containsExactly(once, once);
    }

    @Test
    void aGpuThatDoesNotAnswer_leavesAGap() {
        collector.accept(poll(AT, GpuVerdict.State.HEALTHY, 1, value("gpu.up", "", 1)));
        collector.accept(poll(AT.plusSeconds(1), GpuVerdict.State.LOST, 1, value("gpu.up", "", 0)));
        collector.accept(poll(AT.plusSeconds(2), GpuVerdict.State.HEALTHY, 1, value("gpu.up", "", 1)));
        RecordingSink seen = RecordingSink.of(collector);
        assertThat(seen.gaps()).containsExactly(new SourceGap("gpu/GPU-1", AT, AT.plusSeconds(1), "gone"));
        assertThat(seen.of("gpu.up"))
                .extracting(RecordingSink.Observation::scaled)
                .containsExactly(1L, 0L, 1L);
    }

    @Test
    void counters_areWhatWasAdded_andBeginAnewAfterAReset() {
        double[] levels = {100, 103, 103, 50, 51, 200};
        int[] generations = {1, 1, 1, 1, 1, 2};
        for (int i = 0; i < levels.length; i++) {
            collector.accept(poll(
                    AT.plusSeconds(i), GpuVerdict.State.HEALTHY, generations[i], value("gpu.energy", "", levels[i])));
        }
        assertThat(RecordingSink.of(collector).of("gpu.energy"))
                .extracting(RecordingSink.Observation::scaled)
                .containsExactly(3000L, 0L, 1000L);
    }

    @Test
    void partsOfACounter_areCountedEachForItself_andCarryTheirLabel() {
        for (int second = 0; second < 3; second++) {
            collector.accept(poll(
                    AT.plusSeconds(second),
                    GpuVerdict.State.HEALTHY,
                    1,
                    part("gpu.throttle", "reason", "hw_thermal", 0.04 * second),
                    part("gpu.throttle", "reason", "sw_power_cap", 9 + second),
                    part("gpu.nvlink.bytes", "direction", "tx", 1e12 * second)));
        }
        LabelSet labels = LabelSet.of("host", "h1", "gpu", "0", "uuid", "GPU-1");
        RecordingSink seen = RecordingSink.of(collector);
        assertThat(seen.of("gpu.throttle"))
                .filteredOn(one -> one.labels().equals(labels.plus(LabelSet.of("reason", "hw_thermal"))))
                .extracting(RecordingSink.Observation::scaled)
                .containsExactly(40_000_000L, 40_000_000L);
        assertThat(seen.of("gpu.throttle"))
                .filteredOn(one -> one.labels().equals(labels.plus(LabelSet.of("reason", "sw_power_cap"))))
                .extracting(RecordingSink.Observation::scaled)
                .containsExactly(1_000_000_000L, 1_000_000_000L);
        assertThat(seen.of("gpu.nvlink.bytes"))
                .allMatch(one -> one.labels().equals(labels.plus(LabelSet.of("direction", "tx"))))
                .hasSize(2);
    }

    @Test
    void everyFieldOfAGpu_isInTheCatalogueInTheSameUnit() {
        assertThat(GpuFields.all())
                .allSatisfy(field -> assertThat(
                                MetricCatalogue.require(field.metric()).unit().symbol())
                        .as(field.metric())
                        .isEqualTo(field.unit()));
    }

    private static FieldReading part(String metric, String label, String value, double level) {
        return new FieldReading(new GpuField(metric, ""), Map.of(label, value), new Reading.Value<>(Samples.of(level)));
    }

    @Test
    void aFullJournal_dropsAPollAndCountsIt() {
        journal.isFull();
        collector.accept(poll(AT, GpuVerdict.State.HEALTHY, 1, value("gpu.up", "", 1)));
        assertThat(collector.stats().gpuReadingsDropped()).isEqualTo(1);
    }
}
