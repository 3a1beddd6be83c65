package io.inferwatch.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.Provenance;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CsvRowsTest {
    private static final Instant AT = Instant.parse("2026-11-20T10:00:00Z");
    private static final Map<String, BigDecimal> P99 = Map.of("p99", new BigDecimal("99"));

    private static Metric metric(String name) {
        return MetricCatalogue.find(name).orElseThrow();
    }

    private static String rows(CsvRows csv, Metric metric, String model, Provenance provenance, Bracket... values) {
        Answer<List<Bracket>> answer = new Answer<>(
                metric,
                Optional.empty(),
                AT,
                AT.plusSeconds(10),
                Optional.of(Duration.ofSeconds(10)),
                List.of(new Answer.Group<>(
                        LabelSet.of("model", model),
                        List.of("push"),
                        provenance,
                        List.of(new Answer.Point<>(AT, 3, 0, List.of(values))))));
        return new String(csv.rows(answer), StandardCharsets.UTF_8);
    }

    @Test
    void rowHasEveryColumnOfTheHeader_whenAMetricIsAnEvent() {
        CsvRows csv = new CsvRows(metric("llm.ttft"), List.of("model"), P99);

        assertThat(csv.header())
                .isEqualTo("metric,unit,from,to,model,provenance,observer,count,min,max,mean,sum,p99,"
                        + "min_lo,min_hi,max_lo,max_hi,mean_lo,mean_hi,p99_lo,p99_hi\n");
        assertThat(rows(
                        csv,
                        metric("llm.ttft"),
                        "m",
                        new Provenance.Exact(),
                        Bracket.exact(1),
                        Bracket.exact(9.5),
                        Bracket.exact(4),
                        Bracket.exact(12),
                        Bracket.exact(9.5)))
                .isEqualTo(
                        "llm.ttft,ms,2026-11-20T10:00:00Z,2026-11-20T10:00:10Z,m,exact,push,3,1,9.5,4,12,9.5,,,,,,,,\n");
    }

    @Test
    void bracketIsTold_whenItComesFromBuckets() {
        CsvRows csv = new CsvRows(metric("llm.ttft"), List.of("model"), P99);

        assertThat(rows(
                        csv,
                        metric("llm.ttft"),
                        "m",
                        new Provenance.Bucketed("b"),
                        new Bracket(0, 1, 2),
                        new Bracket(8, 9, Double.POSITIVE_INFINITY),
                        Bracket.exact(4),
                        Bracket.exact(12),
                        new Bracket(8, 9, Double.POSITIVE_INFINITY)))
                .endsWith(",m,bucketed,push,3,1,9,4,12,9,0,2,8,,4,4,8,\n");
    }

    @Test
    void labelStaysOneCellAndNoFormula_whenItIsHostile() {
        CsvRows csv = new CsvRows(metric("llm.requests"), List.of("model"), P99);

        assertThat(csv.header()).endsWith(",count,sum,rate\n");
        assertThat(rows(
                        csv,
                        metric("llm.requests"),
                        "=cmd|\"x\",\ny",
                        new Provenance.Exact(),
                        Bracket.exact(3),
                        Bracket.exact(0.3)))
                .contains(",\"'=cmd|\"\"x\"\",\ny\",exact,push,3,3,0.3\n");
    }
}
