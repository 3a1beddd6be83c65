package io.inferwatch.api.cli;

import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.collector.scrape.HttpPages;
import io.inferwatch.collector.scrape.ScrapeTarget;
import io.inferwatch.collector.scrape.Scraper;
import io.inferwatch.collector.scrape.SourceReport;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What doctor says of each model server: as the running sidecar reads it, or read once by doctor itself. */
final class ServerChecks {
    private final Checkup checkup;

    /** What either way of asking comes to. */
    private record Found(
            String server,
            String address,
            boolean isReachable,
            String problem,
            List<String> engines,
            boolean isScraped,
            int understood,
            int ignored,
            List<String> doubts,
            List<String> advice) {}

    ServerChecks(Checkup checkup) {
        this.checkup = checkup;
    }

    void bySelf(ModuleConfigs configs, boolean discovers) {
        List<String> problems = new ArrayList<>();
        List<ScrapeTarget> targets = configs.servers().now(problems).stream()
                .flatMap(server -> server.scrape().stream())
                .toList();
        problems.forEach(problem -> checkup.wrong("servers", problem));
        if (discovers) {
            checkup.note("discover", "servers are found by a running sidecar only; none answers here");
        }
        if (targets.isEmpty()) {
            return;
        }
        try (HttpPages pages = new HttpPages()) {
            for (ScrapeTarget target : targets) {
                Scraper scraper =
                        new Scraper(target, pages.within(target.timeout()), made -> true, InstantSource.system());
                scraper.step();
                say(found(scraper.report()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Found found(SourceReport report) {
        return new Found(
                report.server(),
                report.address(),
                report.isReachable(),
                report.problem().orElse(""),
                report.engines(),
                true,
                report.understood().size(),
                report.ignored().size(),
                report.checks().stream()
                        .filter(check -> !check.holds())
                        .map(SourceReport.Check::text)
                        .toList(),
                report.advice());
    }

    /** @param sources as {@code GET /api/v1/sources} answers */
    void ofSidecar(Map<String, Object> sources) {
        if (sources.containsKey("discovery")) {
            discovery(Json.asObject(sources.get("discovery")));
        }
        for (Map<String, Object> source : Json.objects(sources, "sources")) {
            if ("proxy".equals(source.get("observer"))) {
                continue;
            }
            say(new Found(
                    String.valueOf(source.get("server")),
                    String.valueOf(source.get("address")),
                    Boolean.TRUE.equals(source.get("reachable")),
                    String.valueOf(source.getOrDefault("problem", "")),
                    texts(source.get("engines")),
                    "scrape".equals(source.get("observer")),
                    Json.asObject(source.get("understood")).size(),
                    texts(source.get("ignored")).size(),
                    Json.objects(source, "checks").stream()
                            .filter(check -> !Boolean.TRUE.equals(check.get("holds")))
                            .map(check -> String.valueOf(check.get("text")))
                            .toList(),
                    texts(source.get("advice"))));
        }
    }

    /** What stands in the way of finding servers, where it is something that can be changed. */
    private void discovery(Map<String, Object> found) {
        List<Map<String, Object>> servers = Json.objects(found, "servers");
        checkup.ok(
                "discover",
                servers.size() + " servers found behind " + found.get("gpu_processes") + " processes that hold GPUs");
        if (found.get("hidden_processes") instanceof Number hidden && hidden.intValue() > 0) {
            checkup.note(
                    "discover",
                    hidden
                            + " processes that hold GPUs cannot be seen from here, or their sockets cannot; run in their PID and network namespace"
                            + " (hostPID, or shareProcessNamespace) as their user or as root, or name the servers under servers");
        }
        if (servers.isEmpty()) {
            Json.objects(found, "passed_over")
                    .forEach(port -> checkup.note(
                            "discover",
                            "port " + port.get("port") + " of process " + port.get("pid") + " (" + port.get("command")
                                    + "): " + port.get("reason")));
        }
    }

    private static List<String> texts(@Nullable Object list) {
        return list instanceof List<?> items
                ? items.stream().map(String::valueOf).toList()
                : List.of();
    }

    private void say(Found found) {
        String subject = "server " + found.server;
        if (!found.isReachable) {
            checkup.wrong(subject, found.address + ": " + found.problem);
            return;
        }
        if (found.isScraped && found.understood == 0) {
            found.advice.forEach(advice -> checkup.wrong(subject, found.address + ": " + advice));
            if (!found.problem.isEmpty()) {
                checkup.note(subject, found.problem);
            }
            return;
        }
        String engine = found.engines.isEmpty() ? "no known engine" : String.join(", ", found.engines);
        checkup.ok(
                subject,
                engine + " at " + found.address + ": " + found.understood + " metrics understood, " + found.ignored
                        + " families ignored; GET /api/v1/sources lists them");
        if (!found.problem.isEmpty()) {
            checkup.note(subject, found.problem);
        }
        found.doubts.forEach(doubt -> checkup.note(subject, doubt));
        found.advice.forEach(advice -> checkup.note(subject, advice));
    }
}
