package io.inferwatch.collector.catalogue;

import static io.inferwatch.collector.catalogue.MetricUnit.BOOLEAN;
import static io.inferwatch.collector.catalogue.MetricUnit.BYTES;
import static io.inferwatch.collector.catalogue.MetricUnit.CELSIUS;
import static io.inferwatch.collector.catalogue.MetricUnit.COUNT;
import static io.inferwatch.collector.catalogue.MetricUnit.DOLLARS;
import static io.inferwatch.collector.catalogue.MetricUnit.JOULES;
import static io.inferwatch.collector.catalogue.MetricUnit.MEGAHERTZ;
import static io.inferwatch.collector.catalogue.MetricUnit.MICROJOULE_JOULES;
import static io.inferwatch.collector.catalogue.MetricUnit.MILLISECONDS;
import static io.inferwatch.collector.catalogue.MetricUnit.NANOSECOND_SECONDS;
import static io.inferwatch.collector.catalogue.MetricUnit.PERCENT;
import static io.inferwatch.collector.catalogue.MetricUnit.RATIO;
import static io.inferwatch.collector.catalogue.MetricUnit.SECONDS;
import static io.inferwatch.collector.catalogue.MetricUnit.TOKENS;
import static io.inferwatch.collector.catalogue.MetricUnit.WATTS;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every metric there is. One table, and the pushed prefixes under which a sender names its own.
 *
 * <p>A name gives the same instance each time, so that series maps compare by identity first. Any thread.
 */
public final class MetricCatalogue {
    /** Where {@code POST /api/v1/samples} may name metrics of its own. */
    public static final List<String> PUSHED_PREFIXES =
            List.of("eval.", "safety.", "feedback.", "retrieval.", "drift.", "cost.", "custom.");

    /** The longest metric name, in characters. */
    public static final int MAX_NAME_LENGTH = 128;

    private static final Pattern PUSHED_NAME = Pattern.compile("[a-z]+(\\.[a-z0-9][a-z0-9_-]*)+");

    private static final int MOST_PUSHED_KEPT = 10_000;

    private static final List<String> LATENCY =
            List.of("model", "model_version", "route", "server", "outcome", "observer");
    private static final List<String> TRAFFIC =
            List.of("model", "model_version", "route", "server", "tenant", "outcome", "observer");
    private static final List<String> COST = List.of("model", "tenant", "feature", "user", "observer");
    private static final List<String> SERVER = List.of("server", "model", "engine", "observer");
    private static final List<String> GPU = List.of("gpu", "uuid", "server");

    private static final List<Metric> TABLE = List.of(
            latency("llm.ttft", "request received to first generated token, reasoning included"),
            latency("llm.content_ttft", "request received to first generated token that is not reasoning"),
            latency("llm.tpot", "time per output token after the first, a sample a request"),
            latency("llm.latency", "request received to last byte of the answer"),
            latency("llm.queue", "time a request waited in the server before it was scheduled"),
            latency("llm.prefill", "time from scheduled to first token, as the server says"),
            latency("llm.decode", "time from first to last token, as the server says"),
            latency("llm.inter_chunk", "time between chunks with tokens of a stream, a sample a chunk after the first"),
            latency("llm.tpot.token_weighted", "time per output token after the first, a sample a token"),
            latency("llm.latency.token_weighted", "end-to-end latency, a sample an output token"),
            counter("llm.requests", COUNT, "finished requests, one a record", and(TRAFFIC, "finish_reason")),
            event("llm.tokens.input", TOKENS, "prompt tokens of a request, cached ones included", TRAFFIC),
            event("llm.tokens.cached", TOKENS, "prompt tokens of a request served from the cache", TRAFFIC),
            event("llm.tokens.output", TOKENS, "generated tokens of a request, reasoning included", TRAFFIC),
            event("llm.tokens.reasoning", TOKENS, "reasoning tokens of a request", TRAFFIC),
            event("llm.quality", RATIO, "quality score that came with the request, 0 to 1", TRAFFIC),
            event("cost.usd", DOLLARS, "cost of a request: as sent, else from the price table", COST),
            sum("llm.running", COUNT, "requests being served by the engine", SERVER),
            sum("llm.waiting", COUNT, "requests waiting in the engine", SERVER),
            sum("llm.inflight", COUNT, "requests passed on and not yet finished", SERVER),
            gauge("llm.oldest_inflight", SECONDS, "age of the oldest request not yet finished", SERVER),
            counter("llm.generated_tokens", TOKENS, "tokens the engine generated", SERVER),
            counter("llm.preemptions", COUNT, "requests the engine put back for lack of cache", SERVER),
            gauge("llm.kv_cache.usage", RATIO, "share of the key-value cache in use", SERVER),
            gauge(
                    "llm.hosted.energy_per_token",
                    MICROJOULE_JOULES,
                    "what the GPUs of a server drew in ten minutes, idling included, over the tokens it served in them, input and output alike",
                    List.of("server")),
            gauge(
                    "llm.hosted.cost_per_mtok",
                    DOLLARS,
                    "what those ten minutes of its GPUs cost over the same tokens, for a million of them",
                    List.of("server")),
            gauge("server.up", BOOLEAN, "whether the model server answers", SERVER),
            gauge(
                    "server.telemetry.consistent",
                    BOOLEAN,
                    "1 while the server's own counts fit together",
                    and(SERVER, "check")),
            gauge("server.uptime", SECONDS, "time since the model server started", SERVER),
            gauge("gpu.sm.utilization", PERCENT, "share of time the SMs were busy", and(GPU, "source", "gpu_instance")),
            gauge(
                    "gpu.sm.occupancy",
                    PERCENT,
                    "warps resident on the SMs, of those possible",
                    and(GPU, "source", "gpu_instance")),
            gauge(
                    "gpu.tensor.active",
                    PERCENT,
                    "share of time the tensor pipes were busy",
                    and(GPU, "source", "gpu_instance")),
            gauge(
                    "gpu.dram.active",
                    PERCENT,
                    "share of time device memory moved data",
                    and(GPU, "source", "gpu_instance")),
            gauge(
                    "gpu.graphics.active",
                    PERCENT,
                    "share of time any engine was busy",
                    and(GPU, "source", "gpu_instance")),
            gauge("gpu.utilization", PERCENT, "share of time a kernel ran; not SM activity", and(GPU, "source")),
            gauge(
                    "gpu.memory.copy_utilization",
                    PERCENT,
                    "share of time memory was read or written",
                    and(GPU, "source")),
            sum("gpu.memory.used", BYTES, "device memory in use, reserved memory aside", GPU),
            sum("gpu.memory.total", BYTES, "device memory installed", GPU),
            sum("gpu.memory.reserved", BYTES, "device memory held by the driver", GPU),
            sum("gpu.power", WATTS, "power drawn", GPU),
            sum("gpu.power.limit", WATTS, "power limit in force", GPU),
            gauge("gpu.temperature", CELSIUS, "temperature of the GPU die", GPU),
            gauge("gpu.temperature.memory", CELSIUS, "temperature of the device memory", GPU),
            signed("gpu.temperature.margin", CELSIUS, "degrees left before the GPU slows down; negative past it", GPU),
            gauge("gpu.clock.sm", MEGAHERTZ, "SM clock", GPU),
            gauge("gpu.clock.memory", MEGAHERTZ, "memory clock", GPU),
            gauge("gpu.clock.event", BOOLEAN, "1 while this holds the clocks down", and(GPU, "reason")),
            counter("gpu.energy", JOULES, "energy used", GPU),
            counter("gpu.throttle", NANOSECOND_SECONDS, "time the clocks were held down", and(GPU, "reason")),
            counter("gpu.xid", COUNT, "XID errors the driver reported", and(GPU, "xid", "kind")),
            counter("gpu.ecc.errors", COUNT, "memory errors found by ECC", and(GPU, "kind")),
            counter("gpu.ecc.sram.errors", COUNT, "of these, errors in caches and registers", and(GPU, "kind")),
            gauge(
                    "gpu.ecc.sram.threshold_exceeded",
                    BOOLEAN,
                    "1 when the board has had more uncorrectable SRAM errors than it may",
                    GPU),
            counter("gpu.rows.remapped", COUNT, "memory rows remapped after errors", and(GPU, "kind")),
            gauge("gpu.rows.pending", BOOLEAN, "1 while a row remapping waits for a GPU reset", GPU),
            gauge("gpu.rows.failed", BOOLEAN, "1 when a row could not be remapped: no spare is left", GPU),
            counter("gpu.pages.retired", COUNT, "memory pages retired after errors, before Ampere", and(GPU, "kind")),
            gauge("gpu.pages.pending", BOOLEAN, "1 while a page retirement waits for a GPU reset", GPU),
            counter("gpu.pcie.replays", COUNT, "PCIe packets sent again", GPU),
            gauge("gpu.pcie.generation", COUNT, "PCIe generation of the link now; an idle GPU lowers it", GPU),
            gauge("gpu.pcie.width", COUNT, "PCIe lanes of the link now", GPU),
            gauge("gpu.nvlink.links", COUNT, "NVLink links that are up", GPU),
            counter("gpu.nvlink.errors", COUNT, "NVLink errors", and(GPU, "kind")),
            counter("gpu.pcie.bytes", BYTES, "data moved over PCIe", and(GPU, "direction")),
            counter("gpu.nvlink.bytes", BYTES, "data moved over NVLink", and(GPU, "direction")),
            gauge(
                    "gpu.recovery_action",
                    COUNT,
                    "what the driver asks for: 0 nothing, 1 reset, 2 reboot, 3 drain P2P, 4 drain and reset, 5 recover IMEX",
                    GPU),
            gauge("gpu.up", BOOLEAN, "1 while the GPU answers, 0 when lost, hung or missing", GPU),
            self("inferwatch.proxy.dropped", "requests that were relayed and not measured"),
            self("inferwatch.remote_write.bodies", "bodies for remote write, by what became of them", "outcome"),
            sum("inferwatch.remote_write.waiting", BYTES, "waits for the receiver of remote write", List.of()),
            self("inferwatch.otlp_export.bodies", "bodies sent by OTLP, by what became of them", "outcome"),
            sum("inferwatch.otlp_export.waiting", BYTES, "waits for the receiver of OTLP", List.of()),
            self("inferwatch.otlp.streams", "what happened to streams of metrics that came by OTLP", "event"),
            self("inferwatch.records.accepted", "records taken", "route"),
            self("inferwatch.records.rejected", "records refused", "route", "reason"),
            self("inferwatch.records.warnings", "warnings given on records taken", "route"),
            self("inferwatch.records.duplicates", "records already taken", "route"),
            self("inferwatch.records.late", "records refused or dropped as too old", "route"),
            self("inferwatch.records.skewed", "records dated ahead of arrival and placed at arrival", "route"),
            self("inferwatch.cost.other", "requests whose cost went to the user other"),
            self("inferwatch.ids.forgotten", "request ids forgotten before their ten minutes"),
            self("inferwatch.tpot.undefined", "requests whose time per output token is undefined"),
            self("inferwatch.cost.unknown_model", "requests of a model the price table does not know", "model"),
            self("inferwatch.cost.undefined", "requests of a priced model whose cost cannot be told", "reason"),
            sum("inferwatch.prices.models", COUNT, "models in the price table", List.of()),
            self("inferwatch.prices.failures", "times the price table could not be read; the one before stays"),
            self("inferwatch.series.overflow", "samples that went to the overflow series", "metric"),
            sum("inferwatch.series.live", COUNT, "series that took a sample in the last hour", List.of()),
            gauge(
                    "inferwatch.source.age",
                    SECONDS,
                    "how long ago a server that is read last told something that is understood",
                    List.of("server")),
            gauge("inferwatch.apply.lag", SECONDS, "age of the oldest record not yet in a window", List.of()),
            sum("inferwatch.journal.bytes", BYTES, "journal on disk", List.of()),
            gauge("inferwatch.journal.disk_free", BYTES, "left on the journal's disk", List.of()),
            gauge("inferwatch.journal.sync_time", MILLISECONDS, "how long the last group sync took", List.of()),
            self("inferwatch.journal.lost", "acknowledged records that cannot be read"),
            self(
                    "inferwatch.journal.lost_unsynced",
                    "acknowledged records not yet on disk when the machine stopped, an estimate from above"),
            self("inferwatch.journal.quarantined", "journal files set aside as corrupt"),
            self("inferwatch.deliveries", "notices sent", "receiver", "outcome"),
            gauge(
                    "inferwatch.rules.tick_time",
                    MILLISECONDS,
                    "how long the last evaluation of all rules took",
                    List.of()),
            gauge(
                    "inferwatch.http.insecure_plaintext",
                    BOOLEAN,
                    "1 where plain HTTP is allowed beyond this host",
                    List.of()),
            sum("inferwatch.stream.listeners", COUNT, "dashboards that follow the event stream", List.of()),
            self("inferwatch.stream.dropped", "events of the stream that slow listeners missed"),
            self("inferwatch.store.damaged", "database rows left out as damaged, and files set aside as corrupt"),
            self("inferwatch.store.shortened", "hours of windows dropped early: store.max_bytes is reached"),
            self("inferwatch.store.failures", "writes the database refused; each is tried again"),
            counter("inferwatch.nvml.time", NANOSECOND_SECONDS, "time spent in the GPU driver", List.of("call")),
            self("inferwatch.nvml.calls", "calls into the GPU driver that returned", "call"),
            gauge("inferwatch.nvml.call_p50", MILLISECONDS, "half of the calls took no longer", List.of("call")),
            gauge("inferwatch.nvml.call_p99", MILLISECONDS, "99 of 100 calls took no longer", List.of("call")),
            self("inferwatch.nvml.errors", "answers that were an error, by nvmlReturn_t", "code"),
            self("inferwatch.nvml.garbage", "GPU readings dropped as impossible", "metric"),
            self("inferwatch.nvml.polls_skipped", "GPU polls put off: the last still ran, or NVML is slow", "reason"),
            gauge("inferwatch.nvml.hung_calls", COUNT, "calls into the GPU driver past their deadline", List.of()));

    private static final Map<String, Metric> BY_NAME = byName();
    private static final PushedMetrics PUSHED_BY_NAME = new PushedMetrics(MOST_PUSHED_KEPT);

    private MetricCatalogue() {}

    /** The catalogue's own entries in their order; metrics under a pushed prefix are not among them. */
    public static List<Metric> all() {
        return TABLE;
    }

    /** The entry of this name, or a metric made on the fly when the name is well-formed under a pushed prefix. */
    public static Optional<Metric> find(String name) {
        Metric own = BY_NAME.get(name);
        Metric known = own != null ? own : PUSHED_BY_NAME.known(name);
        if (known != null) {
            return Optional.of(known);
        }
        return isPushedName(name) ? Optional.of(PUSHED_BY_NAME.metric(name)) : Optional.empty();
    }

    /** @throws IllegalArgumentException when there is none: for names written in the code */
    public static Metric require(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalArgumentException("no metric \"" + name + "\" in the catalogue"));
    }

    /** Whether the name stands, well-formed, under one of {@link #PUSHED_PREFIXES}. */
    public static boolean isPushedName(String name) {
        return name.length() <= MAX_NAME_LENGTH
                && PUSHED_PREFIXES.stream().anyMatch(name::startsWith)
                && PUSHED_NAME.matcher(name).matches();
    }

    /** The entry a mistyped metric name probably meant. */
    public static Optional<String> nearestName(String name) {
        return NearestName.among(BY_NAME.keySet(), name);
    }

    /** The label of this metric, or {@code host}, that a mistyped label name probably meant. */
    public static Optional<String> nearestLabel(Metric metric, String label) {
        return NearestName.among(and(metric.labels(), "host"), label);
    }

    private static Map<String, Metric> byName() {
        Map<String, Metric> metrics = new LinkedHashMap<>();
        for (Metric metric : TABLE) {
            if (metrics.put(metric.name(), metric) != null) {
                throw new IllegalStateException("metric \"" + metric.name() + "\" stands in the catalogue twice");
            }
        }
        return metrics;
    }

    private static Metric latency(String name, String definition) {
        return new Metric(name, MetricKind.EVENT, MILLISECONDS, false, false, true, definition, LATENCY);
    }

    private static Metric event(String name, MetricUnit unit, String definition, List<String> labels) {
        return new Metric(name, MetricKind.EVENT, unit, false, false, false, definition, labels);
    }

    private static Metric counter(String name, MetricUnit unit, String definition, List<String> labels) {
        return new Metric(name, MetricKind.COUNTER, unit, false, false, false, definition, labels);
    }

    private static Metric self(String name, String definition, String... labels) {
        return counter(name, COUNT, definition, List.of(labels));
    }

    private static Metric gauge(String name, MetricUnit unit, String definition, List<String> labels) {
        return new Metric(name, MetricKind.GAUGE, unit, false, false, false, definition, labels);
    }

    private static Metric signed(String name, MetricUnit unit, String definition, List<String> labels) {
        return new Metric(name, MetricKind.GAUGE, unit, true, false, false, definition, labels);
    }

    /** A gauge whose series add up. */
    private static Metric sum(String name, MetricUnit unit, String definition, List<String> labels) {
        return new Metric(name, MetricKind.GAUGE, unit, false, true, false, definition, labels);
    }

    private static List<String> and(List<String> labels, String... more) {
        return Stream.concat(labels.stream(), Stream.of(more)).toList();
    }
}
