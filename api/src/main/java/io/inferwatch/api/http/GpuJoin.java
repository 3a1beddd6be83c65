package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.histograms.Across;
import io.inferwatch.histograms.Aggregate;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.QueryRange;
import io.inferwatch.histograms.Selection;
import io.inferwatch.rules.GpuSignals;
import io.inferwatch.rules.GpuWindow;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the GPUs did at the moment of a slow request, from the windows in memory and in the database. */
@Singleton
final class GpuJoin {
    /** Around one request: windows are of ten seconds. */
    private static final Duration AROUND = Duration.ofSeconds(10);

    private final Live live;

    GpuJoin(Live live) {
        this.live = live;
    }

    /**
     * The moment of a request.
     *
     * @param labels its series'
     */
    List<Map<String, @Nullable Object>> ofRequest(LabelSet labels, Instant at) {
        QueryRange range = QueryRange.whole(at.minus(AROUND), at);
        Answer<Bracket> throttle = asked(GpuSignals.THROTTLE, Aggregate.Basic.SUM, range);
        // The bounds used, which are wider than those asked for.
        Duration over = Duration.between(throttle.from(), throttle.to());
        double seconds = Math.max(1, over.toMillis() / 1000.0);
        GpuWindow.Draft draft = new GpuWindow.Draft(over);
        gather(draft, GpuSignals.SM, asked(GpuSignals.SM, Aggregate.Basic.AVG, range), 1);
        gather(draft, GpuSignals.DRAM, asked(GpuSignals.DRAM, Aggregate.Basic.AVG, range), 1);
        gather(draft, GpuSignals.POWER, asked(GpuSignals.POWER, Aggregate.Basic.AVG, range), 1);
        gather(draft, GpuSignals.XID, asked(GpuSignals.XID, Aggregate.Basic.SUM, range), 1);
        gather(draft, GpuSignals.THROTTLE, throttle, seconds);
        return GpuWindowShape.of(GpuWindow.servingOf(labels, draft.done()));
    }

    private static void gather(GpuWindow.Draft draft, String metric, Answer<Bracket> answer, double divisor) {
        for (Answer.Group<Bracket> group : answer.groups()) {
            if (!group.points().isEmpty()) {
                double value = group.points().getFirst().value().estimate();
                draft.put(metric, group.labels(), value / divisor);
            }
        }
    }

    private Answer<Bracket> asked(String metric, Aggregate.Basic aggregate, QueryRange range) {
        Selection selection = new Selection(
                MetricCatalogue.require(metric), List.of(), GpuSignals.by(metric), Across.DEFAULT, Optional.empty());
        return live.parts().queries().aggregate(selection, aggregate, range);
    }
}
