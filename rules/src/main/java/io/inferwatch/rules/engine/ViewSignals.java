package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.histograms.MetricView;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.histograms.Sample;
import io.inferwatch.histograms.Selection;
import io.inferwatch.histograms.SignalQuery;
import io.inferwatch.rules.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Signals answered from the windows: what is zero and what is missing is decided here. */
final class ViewSignals implements SignalSource {
    private static final Sample ZERO = new Sample.Present(0, 0, new Provenance.Exact());

    private final MetricView view;

    ViewSignals(MetricView view) {
        this.view = view;
    }

    @Override
    public Optional<List<GroupSample>> read(Signal signal) {
        return switch (signal) {
            case Signal.Measured measured -> Optional.of(measured(measured));
            case Signal.Ratio ratio -> Optional.of(ratio(ratio));
            case Signal.Computed computed -> Optional.empty();
            case Signal.Internal internal -> Optional.of(List.of());
        };
    }

    @Override
    public Optional<List<GroupSample>> readPast(Signal signal, Duration shift) {
        return read(signal.before(shift));
    }

    @Override
    public boolean everMatched(Signal signal) {
        return switch (signal) {
            case Signal.Measured measured -> view.everMatched(measured.query().selection());
            case Signal.Ratio ratio -> view.everMatched(ratio.whole().selection());
            case Signal.Computed computed -> computed.operands().stream().allMatch(this::everMatched);
            case Signal.Internal internal -> true;
        };
    }

    private List<GroupSample> measured(Signal.Measured signal) {
        SignalQuery query = signal.query();
        List<GroupSample> groups = view.evaluate(query);
        if (!signal.zeroWhenLive()) {
            return groups;
        }
        if (groups.isEmpty() && signal.by().isEmpty() && view.isSourceLive(query.selection())) {
            return List.of(new GroupSample(LabelSet.EMPTY, ZERO, query.over()));
        }
        List<GroupSample> answers = new ArrayList<>(groups.size());
        for (GroupSample group : groups) {
            boolean isZero = group.sample() instanceof Sample.Missing && isLive(query.selection(), group.labels());
            answers.add(isZero ? new GroupSample(group.labels(), ZERO, group.over()) : group);
        }
        return answers;
    }

    private boolean isLive(Selection selection, LabelSet group) {
        List<LabelMatcher> where = new ArrayList<>(selection.where());
        for (String label : selection.by()) {
            where.add(new LabelMatcher(label, List.of(group.get(label).orElse("")), false));
        }
        return view.isSourceLive(
                new Selection(selection.metric(), where, selection.by(), selection.across(), selection.observer()));
    }

    private List<GroupSample> ratio(Signal.Ratio signal) {
        Map<Duration, Map<LabelSet, Sample>> partsByRange = new HashMap<>();
        List<GroupSample> answers = new ArrayList<>();
        for (GroupSample whole : view.evaluate(signal.whole())) {
            if (whole.sample() instanceof Sample.Present present) {
                Sample part = partsByRange
                        .computeIfAbsent(whole.over(), over -> parts(signal.part(), over))
                        .getOrDefault(whole.labels(), ZERO);
                answers.add(new GroupSample(whole.labels(), quotient(signal, part, present), whole.over()));
            } else {
                answers.add(whole);
            }
        }
        return answers;
    }

    /** The part over the very range the whole was taken over, which may be longer than its shortest. */
    private Map<LabelSet, Sample> parts(SignalQuery part, Duration over) {
        Map<LabelSet, Sample> parts = new HashMap<>();
        SignalQuery sameRange = new SignalQuery(part.selection(), part.aggregate(), over, over, 0, part.delay());
        view.evaluate(sameRange).forEach(group -> parts.put(group.labels(), group.sample()));
        return parts;
    }

    private static Sample quotient(Signal.Ratio signal, Sample part, Sample.Present whole) {
        if (whole.value() == 0) {
            return new Sample.Missing("the whole is 0");
        }
        Sample.Present bad = part instanceof Sample.Present present ? present : (Sample.Present) ZERO;
        Bracket share = signal.quotient(bracket(bad), bracket(whole));
        return new Sample.Present(share.estimate(), share.lo(), share.hi(), whole.count(), whole.provenance());
    }

    private static Bracket bracket(Sample.Present of) {
        return new Bracket(of.lo(), of.value(), of.hi());
    }
}
