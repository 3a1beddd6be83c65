package io.inferwatch.api.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One key of {@code inferwatch.yml}: its name, what may stand there, its default and its meaning. The table below is the
 * one list of keys: the file, the environment, {@code doctor --print-config} and the reference page all come from it.
 *
 * @param name dots between the levels, for example {@code journal.max_bytes}
 * @param defaultText as it would be written in the file
 */
public record ConfigKey(String name, Form form, String defaultText, String meaning) {

    /** What may stand at a key. */
    public enum Form {
        TEXT("text"),
        INTEGER("a whole number"),
        DURATION("a duration such as 30s, 5m, 1h, 7d"),
        BYTES("a size such as 64MiB, 2GiB"),
        BOOLEAN("true or false"),
        TEXT_LIST("a list of text"),
        TEXT_MAP("a mapping of text"),
        DURATION_MAP("a mapping of durations"),
        COUNT_OR_LIST("auto, a number, or a list"),
        TREE("a list");

        private final String description;

        Form(String description) {
            this.description = description;
        }

        public String description() {
            return description;
        }
    }

    private static ConfigKey key(String name, Form form, String defaultText, String meaning) {
        return new ConfigKey(name, form, defaultText, meaning);
    }

    /** Every key there is, in the order of the reference page. */
    public static final List<ConfigKey> ALL = List.of(
            key(
                    "host_id",
                    Form.TEXT,
                    "",
                    "who this host is in notifications; empty: NODE_NAME, else what the data directory remembers, else the host's name"),
            key("labels", Form.TEXT_MAP, "{}", "static labels on every series and notification"),
            key("http.host", Form.TEXT, "127.0.0.1", "address the API listens on"),
            key("http.port", Form.INTEGER, "9477", "port the API listens on"),
            key("http.allowed_hosts", Form.TEXT_LIST, "[]", "further names the Host header may carry"),
            key("http.insecure_plaintext", Form.BOOLEAN, "false", "allow plain HTTP beyond this host, said aloud"),
            key(
                    "http.status.listen",
                    Form.TEXT,
                    "",
                    "address:port of a second, plain listener with /health/* and /metrics only"),
            key("http.tls.certificate_file", Form.TEXT, "", "PEM certificate chain"),
            key("http.tls.key_file", Form.TEXT, "", "PEM private key"),
            key("http.tls.client_ca_file", Form.TEXT, "", "PEM authorities whose client certificates are required"),
            key("auth.ingest_token_file", Form.TEXT, "", "file with the token that may send records"),
            key("auth.read_token_file", Form.TEXT, "", "file with the token that may read"),
            key(
                    "auth.admin_token_file",
                    Form.TEXT,
                    "",
                    "file with the admin token; empty: <data>/admin.token, made at first start"),
            key("data.dir", Form.TEXT, "./data", "where journal and database lie"),
            key(
                    "journal.ack",
                    Form.TEXT,
                    "process",
                    "process: a record is acknowledged once it survives the death of the process; strict: once it is on disk"),
            key("journal.sync_every", Form.DURATION, "100ms", "how often the journal is forced to disk"),
            key("journal.max_bytes", Form.BYTES, "2GiB", "journal size at which records are refused with 429"),
            key("histograms.max_bytes", Form.BYTES, "64MiB", "memory for windows"),
            key("store.url", Form.TEXT, "", "jdbc:postgresql: address; empty: H2 in the data directory"),
            key("store.username", Form.TEXT, "", "database user"),
            key("store.password_file", Form.TEXT, "", "file with the database password"),
            key("store.max_bytes", Form.BYTES, "20GiB", "database size at which the finest resolution is shortened"),
            key(
                    "store.retention",
                    Form.DURATION_MAP,
                    "{10s: 48h, 1m: 14d, 10m: 90d, 1h: 400d}",
                    "how long each resolution is kept"),
            key(
                    "collector.labels.latency",
                    Form.TEXT_LIST,
                    "[model, model_version, route, server]",
                    "request fields that become labels of latency metrics"),
            key(
                    "collector.labels.traffic",
                    Form.TEXT_LIST,
                    "[model, model_version, route, server, tenant]",
                    "request fields that become labels of request and token metrics"),
            key(
                    "collector.labels.cost",
                    Form.TEXT_LIST,
                    "[model, tenant, feature, user]",
                    "request fields that become labels of cost; of `user` the 1,000 that cost most, the rest is `other`"),
            key("collector.identity", Form.TEXT, "hashed", "user and session: hashed, clear or drop"),
            key("collector.max_lateness", Form.DURATION, "1h", "how far back a record's own time may lie"),
            key(
                    "collector.max_series_per_metric",
                    Form.INTEGER,
                    "2000",
                    "live series of one metric; further ones go into overflow"),
            key("collector.max_series", Form.INTEGER, "50000", "live series in all"),
            key("gpu.enabled", Form.TEXT, "auto", "auto: where NVML is found; true; false"),
            key("gpu.library", Form.TEXT, "", "path of libnvidia-ml.so.1; empty: the usual search order"),
            key("gpu.interval", Form.DURATION, "1s", "how often each GPU is read"),
            key("gpu.links_interval", Form.DURATION, "5s", "how often PCIe and NVLink counters are read"),
            key("gpu.health_interval", Form.DURATION, "10s", "how often memory errors and repairs are read"),
            key("gpu.deadline", Form.DURATION, "5s", "after how long a driver call counts as hung"),
            key(
                    "gpu.expected",
                    Form.COUNT_OR_LIST,
                    "auto",
                    "the GPUs that should be there: auto, a count, or a list of UUIDs"),
            key("servers", Form.TREE, "[]", "the model servers on this host"),
            key(
                    "proxy.drain",
                    Form.DURATION,
                    "10m",
                    "how long inferwatch proxy lets requests under way end once it is told to stop"),
            key("discover", Form.BOOLEAN, "false", "find model servers by the processes that hold the GPUs"),
            key("otlp.enabled", Form.BOOLEAN, "true", "take OTLP over HTTP on the same port"),
            key(
                    "remote_write.url",
                    Form.TEXT,
                    "",
                    "where all metrics are sent by Prometheus's remote write 1.0; empty: nowhere"),
            key("remote_write.interval", Form.DURATION, "15s", "how often they are sent"),
            key(
                    "remote_write.histograms",
                    Form.TEXT,
                    "native",
                    "native: latencies and other events as native histograms; classic: as buckets at powers of the root of two"),
            key(
                    "remote_write.max_bytes",
                    Form.BYTES,
                    "16MiB",
                    "what waits while the receiver is away; the oldest is dropped first"),
            key("remote_write.token_file", Form.TEXT, "", "file with a bearer token for the receiver"),
            key("remote_write.username", Form.TEXT, "", "user for basic authentication at the receiver"),
            key("remote_write.password_file", Form.TEXT, "", "file with that user's password"),
            key(
                    "otlp_export.url",
                    Form.TEXT,
                    "",
                    "where all metrics are sent by OTLP over HTTP, for example http://127.0.0.1:4318/v1/metrics; empty: nowhere"),
            key("otlp_export.interval", Form.DURATION, "15s", "how often they are sent"),
            key(
                    "otlp_export.max_bytes",
                    Form.BYTES,
                    "16MiB",
                    "what waits while the receiver is away; the oldest is dropped first"),
            key("otlp_export.token_file", Form.TEXT, "", "file with a bearer token for the receiver"),
            key("rules.file", Form.TEXT, "./rules.yml", "a rules file, a directory or a glob"),
            key("rules.watch", Form.BOOLEAN, "true", "reload the rules when their file changes"),
            key(
                    "rules.replay",
                    Form.DURATION,
                    "0s",
                    "after a change of the rules, over how much of the stored past is said which alerts they would have added and removed, for example 24h; 0s: none"),
            key("prices.file", Form.TEXT, "./prices.json", "price table in LiteLLM's format"),
            key(
                    "hosted.gpu_hour_usd",
                    Form.TEXT,
                    "",
                    "dollars for one GPU for one hour, rented or written off; empty: energy is told, dollars are not"),
            key("hosted.power_included", Form.BOOLEAN, "false", "whether that hour pays for the electricity"),
            key("hosted.kwh_usd", Form.TEXT, "0", "dollars for a kilowatt-hour"),
            key(
                    "hosted.pue",
                    Form.TEXT,
                    "1",
                    "power usage effectiveness: what the building draws for each watt of a GPU"),
            key("hosted.grid_g_per_kwh", Form.TEXT, "", "grams of CO2 of a kilowatt-hour; empty: not told"),
            key(
                    "hosted.weights",
                    Form.TEXT_MAP,
                    "{}",
                    "what an uncached, a cached and an output token weigh against each other; empty: as measured, else 1, 0.1 and 5"),
            key(
                    "notifier.base_url",
                    Form.TEXT,
                    "",
                    "where people reach this sidecar; the base of links in notifications"),
            key(
                    "notifier.allowed_hosts",
                    Form.TEXT_LIST,
                    "[hooks.slack.com, slack.com, events.pagerduty.com, events.eu.pagerduty.com, api.pagerduty.com, api.eu.pagerduty.com]",
                    "hosts that notifications may be sent to"));

    /** Empty when there is no such key. */
    public static Optional<ConfigKey> find(String name) {
        return ALL.stream().filter(key -> key.name.equals(name)).findFirst();
    }

    /** {@code INFERWATCH_} and the key in capitals, dots and dashes as underscores. */
    public String environmentName() {
        return "INFERWATCH_" + name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
