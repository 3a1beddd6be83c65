package io.inferwatch.rules.book;

import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.histograms.Sample;
import io.inferwatch.rules.RuleTest;
import io.inferwatch.rules.RuleTest.Step;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.engine.SignalSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The series of an inline test at one moment, by the names of the signals they are fed to. */
record FedSignals(RuleTest test, Instant t) implements SignalSource {

    @Override
    public Optional<List<GroupSample>> read(Signal signal) {
        List<GroupSample> groups = new ArrayList<>();
        boolean isFed = false;
        for (RuleTest.Input input : test.inputs()) {
            if (input.signal().equals(signal.name())) {
                isFed = true;
                sample(input).ifPresent(sample -> groups.add(new GroupSample(input.labels(), sample, over(signal))));
            }
        }
        return isFed || !(signal instanceof Signal.Computed) ? Optional.of(groups) : Optional.empty();
    }

    @Override
    public boolean everMatched(Signal signal) {
        return test.inputs().stream().anyMatch(input -> input.signal().equals(signal.name()))
                || (signal instanceof Signal.Computed computed
                        && computed.operands().stream().allMatch(this::everMatched));
    }

    /** A value holds until the next step; after the last one the series is silent. */
    private Optional<Sample> sample(RuleTest.Input input) {
        long step = Duration.between(test.start(), t).dividedBy(test.step());
        if (step >= input.values().size()) {
            return Optional.of(new Sample.Missing("no more samples"));
        }
        return switch (input.values().get((int) step)) {
            case Step.Value value -> Optional.of(new Sample.Present(value.value(), 1, new Provenance.Exact()));
            case Step.Missing missing -> Optional.of(new Sample.Missing("no data"));
            case Step.Stale stale -> Optional.empty();
        };
    }

    private static Duration over(Signal signal) {
        return switch (signal) {
            case Signal.Measured measured -> measured.query().over();
            case Signal.Ratio ratio -> ratio.whole().over();
            case Signal.Computed computed -> Duration.ofMinutes(5);
            case Signal.Internal internal -> Duration.ofMinutes(1);
        };
    }
}
