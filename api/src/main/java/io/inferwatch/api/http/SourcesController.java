package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.api.app.OtlpDesk;
import io.inferwatch.api.app.ProxyStatus;
import io.inferwatch.collector.discovery.DiscoveryReport;
import io.inferwatch.collector.otlp.MetricIntake;
import io.inferwatch.collector.otlp.TraceIntake;
import io.inferwatch.collector.scrape.SourceReport;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How each model server is read, and what those that send metrics send: what is understood of it, what is not, and what to change to see more. */
@Controller("/api/v1/sources")
@ExecuteOn(HttpPool.NAME)
final class SourcesController {
    private static final double MICROS_PER_SECOND = 1e6;

    private final Live live;

    SourcesController(Live live) {
        this.live = live;
    }

    @Get
    Object sources() {
        Stream<Map<String, @Nullable Object>> scraped = live.parts().scrapes().reports().stream()
                .map(report -> shape(report, "scrape", isDiscovered(report.server())));
        Stream<Map<String, @Nullable Object>> sent = live.parts().otlp().stream()
                .flatMap(otlp -> otlp.metrics().reports().stream())
                .map(report -> shape(report, "otlp", false));
        Stream<Map<String, @Nullable Object>> proxied =
                live.parts().proxyGauges().all().stream().map(this::shape);
        return Shape.object()
                .with(
                        "sources",
                        Stream.of(scraped, proxied, sent).flatMap(all -> all).toList())
                .with("otlp", live.parts().otlp().map(SourcesController::shape))
                .with("discovery", live.parts().discovery().map(search -> shape(search.report())))
                .done();
    }

    private static Map<String, @Nullable Object> shape(OtlpDesk otlp) {
        TraceIntake.Stats calls = otlp.traces().stats();
        MetricIntake.Stats points = otlp.metrics().stats();
        long rejectedPoints =
                points.rejected().values().stream().mapToLong(Long::longValue).sum();
        return Shape.object()
                .with(
                        "traces",
                        Shape.object()
                                .with("accepted", calls.accepted())
                                .with("duplicates", calls.duplicates())
                                .with("rejected", calls.rejected())
                                .with("last_rejection", told(otlp.traces().lastRejection()))
                                .done())
                .with(
                        "metrics",
                        Shape.object()
                                .with("accepted", points.accepted())
                                .with("rejected", rejectedPoints)
                                .with("last_rejection", told(otlp.metrics().lastRejection()))
                                .done())
                .done();
    }

    private static Optional<String> told(String text) {
        return Optional.of(text).filter(each -> !each.isEmpty());
    }

    private static Map<String, @Nullable Object> shape(DiscoveryReport report) {
        return Shape.object()
                .with("gpu_processes", report.gpuProcesses())
                .with("hidden_processes", report.hiddenProcesses())
                .with(
                        "servers",
                        report.servers().stream()
                                .map(server -> Shape.object()
                                        .with("server", server.name())
                                        .with("address", server.address().toString())
                                        .with("pid", server.pid())
                                        .with("command", server.command())
                                        .done())
                                .toList())
                .with(
                        "passed_over",
                        report.ports().stream()
                                .map(port -> Shape.object()
                                        .with("port", port.port())
                                        .with("pid", port.pid())
                                        .with("command", port.command())
                                        .with("reason", port.reason())
                                        .done())
                                .toList())
                .done();
    }

    private boolean isDiscovered(String server) {
        return live.parts().discovery().stream().anyMatch(search -> search.hasFound(server));
    }

    private Map<String, @Nullable Object> shape(ProxyStatus proxy) {
        boolean isHeard = live.parts().proxyGauges().isHeard(proxy);
        return Shape.object()
                .with("server", proxy.server())
                .with("observer", "proxy")
                .with("address", proxy.listen())
                .with("upstream", proxy.upstream())
                .with("process", proxy.process())
                .with("reachable", isHeard && proxy.isUp())
                .with("problem", problem(proxy, isHeard))
                .with("read_at", Times.format(proxy.toldAt()))
                .with("inflight", proxy.inflight())
                .with("oldest_inflight_s", proxy.oldestMicros() / MICROS_PER_SECOND)
                .with("dropped", proxy.dropped())
                .done();
    }

    private static Optional<String> problem(ProxyStatus proxy, boolean isHeard) {
        if (!isHeard) {
            return Optional.of("the proxy says nothing any more; see whether inferwatch proxy runs");
        }
        return proxy.isUp()
                ? Optional.empty()
                : Optional.of(proxy.upstream() + " takes no connection; see whether the model server runs");
    }

    private static Map<String, @Nullable Object> shape(SourceReport report, String observer, boolean isDiscovered) {
        return Shape.object()
                .with("server", report.server())
                .with("observer", observer)
                .with("discovered", isDiscovered ? Optional.of(true) : Optional.empty())
                .with("address", report.address())
                .with("reachable", report.isReachable())
                .with("problem", report.problem())
                .with("read_at", report.readAt().map(Times::format))
                .with("engines", report.engines())
                .with("understood", report.understood())
                .with("not_taken", report.notTaken())
                .with("ignored", report.ignored())
                .with(
                        "checks",
                        report.checks().stream()
                                .map(check -> Shape.object()
                                        .with("check", check.name())
                                        .with("holds", check.holds())
                                        .with("text", check.text())
                                        .done())
                                .toList())
                .with("advice", report.advice())
                .with("readings", report.counts().readings())
                .with("failures", report.counts().failures())
                .with("malformed_lines", report.counts().malformedLines())
                .with("repairs", report.counts().repairs())
                .done();
    }
}
