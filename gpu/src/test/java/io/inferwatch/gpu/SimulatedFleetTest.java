package io.inferwatch.gpu;

import static io.inferwatch.gpu.ProbeBench.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.GpuVerdict.State;
import io.inferwatch.gpu.simulated.Scenario;
import io.inferwatch.gpu.simulated.SimulatedNvml;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulatedFleetTest {

    /** GPU 3 is off the bus from the fifth to the fifteenth second; GPU 0 idles. */
    private static final Scenario STORY = new Scenario() {
        @Override
        public double load(int gpu, Instant at) {
            return gpu == 0 ? 0 : 0.8;
        }

        @Override
        public boolean isLost(int gpu, Instant at) {
            return gpu == 3
                    && !at.isBefore(ProbeBench.START.plusSeconds(5))
                    && at.isBefore(ProbeBench.START.plusSeconds(15));
        }
    };

    private static ProbeBench bench() {
        return ProbeBench.inline(GpuConfig.defaults(), clock -> SimulatedNvml.opener(clock, STORY));
    }

    @Test
    void everyFieldHasAPlausibleValue_whenTheFleetIsWell() {
        List<GpuPoll> polls = bench().beats(3).subList(16, 24);

        assertThat(polls).extracting(poll -> poll.gpu().index()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(polls)
                .allSatisfy(poll -> assertThat(poll.readings())
                        .extracting(FieldReading::reading)
                        .allMatch(Reading.Value.class::isInstance));
        assertThat(value(polls.get(0), "gpu.power")).isBetween(60.0, 90.0);
        assertThat(value(polls.get(1), "gpu.power")).isBetween(500.0, 700.0);
        assertThat(value(polls.get(0), "gpu.utilization")).isZero();
        assertThat(value(polls.get(1), "gpu.utilization")).isBetween(80.0, 100.0);
        assertThat(value(polls.get(1), "gpu.sm.utilization")).isBetween(40.0, 60.0);
        assertThat(value(polls.get(1), "gpu.dram.active")).isBetween(55.0, 70.0);
        assertThat(value(polls.get(0), "gpu.dram.active")).isZero();
        assertThat(value(polls.get(1), "gpu.energy"))
                .as("two seconds at that power")
                .isBetween(2 * 500.0, 2 * 700.0);
        assertThat(value(polls.get(0), "gpu.temperature")).isLessThan(value(polls.get(1), "gpu.temperature"));
    }

    @Test
    void slowReadingsHaveValuesToo_butForPagesWhichNoHopperRetires() {
        List<GpuPoll> first = bench().beats(1);

        assertThat(first)
                .hasSize(8)
                .allSatisfy(poll -> assertThat(poll.readings())
                        .filteredOn(reading -> reading.reading() instanceof Reading.Unsupported)
                        .extracting(reading -> reading.field().metric())
                        .containsOnly("gpu.pages.retired", "gpu.pages.pending"));
    }

    @Test
    void oneGpuIsLostAndComesBack_whenTheScenarioSaysSo() {
        List<GpuPoll> ofThree = bench().beats(40).stream()
                .filter(poll -> poll.gpu().index() == 3)
                .toList();

        assertThat(ofThree).hasSize(40);
        assertThat(ofThree.get(4).verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(ofThree.subList(5, 15))
                .extracting(poll -> poll.verdict().state())
                .containsOnly(State.LOST);
        assertThat(ofThree.getLast().verdict().state()).isEqualTo(State.HEALTHY);
    }

    @Test
    void runsAreAlike_whenTheClockIs() {
        assertThat(bench().beats(20)).isEqualTo(bench().beats(20));
    }
}
