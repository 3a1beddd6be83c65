package io.inferwatch.api.config;

import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.collector.proxy.ProxyTarget;
import io.inferwatch.collector.scrape.ScrapeTarget;
import io.inferwatch.gpu.ServedGpus;
import io.inferwatch.rules.yaml.Durations;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One entry of {@code servers}: a model server of this host.
 *
 * @param name the label {@code server}
 * @param scrape where its metrics page is
 * @param proxy where it is stood in for
 * @param isProxyApart whether the proxy is opened by a process of its own
 * @param gpus which it uses
 */
public record ServerSetting(
        String name,
        Optional<ScrapeTarget> scrape,
        Optional<ProxyTarget> proxy,
        boolean isProxyApart,
        ServedGpus.Gpus gpus) {
    private static final List<String> KEYS = List.of("name", "scrape", "proxy", "gpus", "files");
    private static final List<String> SCRAPE_KEYS = List.of("url", "interval");
    private static final List<String> PROXY_KEYS = List.of("listen", "upstream", "inject_usage", "process");
    private static final List<String> PROCESSES = List.of("sidecar", "own");
    private static final int HTTPS_PORT = 443;
    private static final int HTTP_PORT = 80;

    /** As the GPU side wants it. */
    public ServedGpus served() {
        return new ServedGpus(name, port(), gpus);
    }

    /** One that was found, not configured: its page is read, and the GPUs are those its processes hold. */
    public static ServerSetting found(String name, URI page) {
        return new ServerSetting(
                name,
                Optional.of(new ScrapeTarget(name, page, ScrapeTarget.DEFAULT_INTERVAL)),
                Optional.empty(),
                false,
                new ServedGpus.Gpus.Auto());
    }

    /** Every port of this host that belongs to it: its own, and the one at which it is stood in for. */
    public Set<Integer> ports() {
        Set<Integer> ports = new HashSet<>();
        scrape.map(ScrapeTarget::address).ifPresent(address -> portHere(address).ifPresent(ports::add));
        proxy.map(ProxyTarget::upstream).ifPresent(address -> portHere(address).ifPresent(ports::add));
        proxy.ifPresent(target -> ports.add(target.listenPort()));
        return ports;
    }

    private OptionalInt port() {
        Optional<URI> address = scrape.map(ScrapeTarget::address).or(() -> proxy.map(ProxyTarget::upstream));
        return address.isPresent() ? portHere(address.get()) : OptionalInt.empty();
    }

    /** Of this host; a server elsewhere has no processes here. */
    private static OptionalInt portHere(URI address) {
        if (isElsewhere(address.getHost())) {
            return OptionalInt.empty();
        }
        int port = address.getPort();
        return OptionalInt.of(port > 0 ? port : "https".equals(address.getScheme()) ? HTTPS_PORT : HTTP_PORT);
    }

    /** Told by an address alone: what a name leads to may change, and a container's name often leads here. */
    private static boolean isElsewhere(String host) {
        try {
            InetAddress address = InetAddress.ofLiteral(host);
            return !address.isLoopbackAddress()
                    && !address.isAnyLocalAddress()
                    && NetworkInterface.getByInetAddress(address) == null;
        } catch (IllegalArgumentException | SocketException isName) {
            return false;
        }
    }

    /**
     * Reads the section.
     *
     * @param problems gets what is wrong, with its place
     */
    public static List<ServerSetting> read(YamlNode section, List<String> problems) {
        List<ServerSetting> servers = new ArrayList<>();
        if (section instanceof Sequence sequence) {
            for (YamlNode item : sequence.items()) {
                if (item instanceof Mapping mapping) {
                    entry(mapping, problems).ifPresent(servers::add);
                } else {
                    problems.add(place(item) + "servers: a mapping with a name is expected");
                }
            }
        }
        return servers;
    }

    private static Optional<ServerSetting> entry(Mapping mapping, List<String> problems) {
        checkKeys(mapping, KEYS, "servers.", problems);
        Optional<String> name = text(mapping, "name").filter(text -> !text.isBlank());
        if (name.isEmpty()) {
            if (mapping.get("files").isEmpty()) {
                problems.add(place(mapping) + "servers: a server needs a name");
            }
            return Optional.empty();
        }
        try {
            return Optional.of(new ServerSetting(
                    name.get(),
                    scrape(name.get(), mapping, problems),
                    proxy(name.get(), mapping, problems),
                    isProxyApart(name.get(), mapping),
                    gpus(mapping)));
        } catch (IllegalArgumentException wrong) {
            problems.add(place(mapping) + wrong.getMessage());
            return Optional.empty();
        }
    }

    private static void checkKeys(Mapping mapping, List<String> known, String prefix, List<String> problems) {
        mapping.entries().forEach((key, entry) -> {
            if (!known.contains(key)) {
                String nearest = NearestName.among(known, key)
                        .map(near -> "; did you mean \"" + near + "\"?")
                        .orElse("; known are " + known);
                problems.add(place(entry.value()) + prefix + key + ": unknown key" + nearest);
            }
        });
    }

    private static Optional<ScrapeTarget> scrape(String name, Mapping mapping, List<String> problems) {
        Optional<YamlNode> node = mapping.get("scrape");
        if (node.isEmpty()) {
            return Optional.empty();
        }
        if (!(node.get() instanceof Mapping keys)) {
            String url = node.get() instanceof Scalar scalar ? scalar.text() : "";
            return Optional.of(new ScrapeTarget(name, address(url), ScrapeTarget.DEFAULT_INTERVAL));
        }
        checkKeys(keys, SCRAPE_KEYS, "servers.scrape.", problems);
        Duration interval = text(keys, "interval").map(ServerSetting::interval).orElse(ScrapeTarget.DEFAULT_INTERVAL);
        return Optional.of(new ScrapeTarget(name, address(text(keys, "url").orElse("")), interval));
    }

    private static Duration interval(String text) {
        return Durations.parse(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "scrape.interval: \"" + text + "\" is not a duration such as 1s, 5s, 30s"));
    }

    private static URI address(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "scrape: \"" + text + "\" is no address; write one such as http://127.0.0.1:8000/metrics");
        }
    }

    private static Optional<ProxyTarget> proxy(String name, Mapping mapping, List<String> problems) {
        Optional<YamlNode> node = mapping.get("proxy");
        if (node.isEmpty()) {
            return Optional.empty();
        }
        if (!(node.get() instanceof Mapping keys)) {
            throw new IllegalArgumentException("servers.proxy of \"" + name + "\": {listen: HOST:PORT, upstream: URL}"
                    + " is expected, such as {listen: \"127.0.0.1:9478\", upstream: \"http://127.0.0.1:8000\"}");
        }
        checkKeys(keys, PROXY_KEYS, "servers.proxy.", problems);
        String injects = text(keys, "inject_usage").orElse("false");
        if (!injects.equals("true") && !injects.equals("false")) {
            throw new IllegalArgumentException(
                    "servers.proxy.inject_usage of \"" + name + "\": \"" + injects + "\" is neither true nor false");
        }
        return Optional.of(ProxyTarget.of(
                name, text(keys, "listen").orElse(""), text(keys, "upstream").orElse(""), injects.equals("true")));
    }

    private static boolean isProxyApart(String name, Mapping mapping) {
        String process = mapping.get("proxy")
                .flatMap(node -> node instanceof Mapping keys ? text(keys, "process") : none())
                .orElse("sidecar");
        if (!PROCESSES.contains(process)) {
            throw new IllegalArgumentException("servers.proxy.process of \"" + name + "\": \"" + process
                    + "\" is neither sidecar nor own (opened by inferwatch proxy)");
        }
        return process.equals("own");
    }

    private static ServedGpus.Gpus gpus(Mapping mapping) {
        Optional<YamlNode> node = mapping.get("gpus");
        if (node.isEmpty()
                || (node.get() instanceof Scalar scalar && scalar.text().equals("auto"))) {
            return new ServedGpus.Gpus.Auto();
        }
        if (node.get() instanceof Sequence list) {
            Set<String> gpus = new HashSet<>();
            list.items().forEach(item -> gpus.add(item instanceof Scalar scalar ? scalar.text() : "a list or mapping"));
            return new ServedGpus.Gpus.Listed(gpus);
        }
        throw new IllegalArgumentException("servers.gpus: auto, or a list of UUIDs or indexes, is expected");
    }

    private static Optional<String> text(Mapping mapping, String key) {
        return mapping.get(key).flatMap(node -> node instanceof Scalar scalar ? Optional.of(scalar.text()) : none());
    }

    private static Optional<String> none() {
        return Optional.empty();
    }

    private static String place(YamlNode node) {
        return node.position().file() + ":" + node.position().line() + " ";
    }
}
