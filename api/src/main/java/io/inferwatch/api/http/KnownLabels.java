package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.api.config.Configuration;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.histograms.Answer;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.TreeSet;

/** The labels a query may name: those of the catalogue, those configured, those seen. Any thread. */
@Singleton
final class KnownLabels {
    private static final Set<String> EVERYWHERE = Set.of("host", "observer", "overflow", "backfill");
    private final Live live;
    private final Set<String> configured = new TreeSet<>(EVERYWHERE);

    KnownLabels(Live live, Configuration configuration) {
        this.live = live;
        configured.addAll(configuration.textMap("labels").keySet());
    }

    /** Without a look at the data. */
    Set<String> declared(Metric metric) {
        Set<String> all = new TreeSet<>(configured);
        all.addAll(metric.labels());
        return all;
    }

    /** With every label that a series of this metric carries or carried. */
    Set<String> all(Metric metric) {
        Set<String> all = declared(metric);
        for (Answer.SeriesInfo series : live.parts().queries().series(metric.name())) {
            all.addAll(series.labels().names());
        }
        return all;
    }
}
