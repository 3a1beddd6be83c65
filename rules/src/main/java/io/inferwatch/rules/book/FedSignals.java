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
        return at(signal, t);
    }

    /** A window that ended then holds what was fed until just before. */
    @Override
    public Optional<List<GroupSample>> readPast(Signal signal, Duration shift) {
        return at(signal, t.minus(shift).minusMillis(1));
    }

    private Optional<List<GroupSample>> at(Signal signal, Instant moment) {
        List<GroupSample> groups = new ArrayList<>();
        boolean isFed = false;
        for (RuleTest.Input input : test.inputs()) {
            if (input.signal().equals(signal.name())) {
                isFed = true;
                sample(input, moment)
                        .ifPresent(sample -> groups.add(new GroupSample(input.labels(), sample, signal.over())));
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
    private Optional<Sample> sample(RuleTest.Input input, Instant moment) {
        if (moment.isBefore(test.start())) {
            return Optional.empty();
        }
        long step = Duration.between(test.start(), moment).dividedBy(test.step());
        if (step >= input.values().size()) {
            return Optional.of(new Sample.Missing("no more samples"));
        }
        return switch (input.values().get((int) step)) {
            case Step.Value value -> Optional.of(new Sample.Present(value.value(), 1, new Provenance.Exact()));
            case Step.Missing missing -> Optional.of(new Sample.Missing("no data"));
            case Step.Stale stale -> Optional.empty();
        };
    }
}
