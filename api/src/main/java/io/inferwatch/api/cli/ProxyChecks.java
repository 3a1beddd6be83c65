package io.inferwatch.api.cli;

import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.api.config.ServerSetting;
import io.inferwatch.collector.proxy.ProxyTarget;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What doctor says of each proxy: as it tells of itself to the running sidecar, or tried from outside. */
final class ProxyChecks {
    private static final int CONNECT_MILLIS = 2_000;
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private final Checkup checkup;

    ProxyChecks(Checkup checkup) {
        this.checkup = checkup;
    }

    private static List<ServerSetting> configured(ModuleConfigs configs) {
        // What is wrong with the files is told with the servers.
        return configs.servers().now(new ArrayList<>()).stream()
                .filter(server -> server.proxy().isPresent())
                .toList();
    }

    /** No sidecar answers; a proxy of its own process may run all the same. */
    void bySelf(ModuleConfigs configs) {
        for (ServerSetting server : configured(configs)) {
            ProxyTarget target = server.proxy().orElseThrow();
            String subject = "proxy " + server.name();
            String listen = target.listenHost() + ":" + target.listenPort();
            int port = target.upstream().getPort();
            int upstreamPort =
                    port > 0 ? port : "https".equals(target.upstream().getScheme()) ? HTTPS_PORT : HTTP_PORT;
            boolean isListening = answers(target.listenHost(), target.listenPort());
            if (!answers(target.upstream().getHost(), upstreamPort)) {
                checkup.wrong(subject, target.upstream() + " takes no connection; see whether the model server runs");
            } else if (server.isProxyApart() && !isListening) {
                checkup.note(subject, "nothing listens at " + listen + "; start inferwatch proxy");
            } else if (!server.isProxyApart() && isListening) {
                checkup.wrong(subject, listen + " is taken by another program; free the port, or choose another");
            } else {
                checkup.ok(
                        subject,
                        server.isProxyApart()
                                ? "something listens at " + listen + ", its records wait for the sidecar"
                                : listen + " is free, and " + target.upstream() + " takes connections");
            }
        }
    }

    private static boolean answers(String host, int port) {
        try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** @param sources as {@code GET /api/v1/sources} answers */
    void ofSidecar(ModuleConfigs configs, Map<String, Object> sources) {
        Map<String, Map<String, Object>> told = new HashMap<>();
        for (Map<String, Object> source : Json.objects(sources, "sources")) {
            if ("proxy".equals(source.get("observer"))) {
                told.put(String.valueOf(source.get("server")), source);
                say(source);
            }
        }
        for (ServerSetting server : configured(configs)) {
            if (!told.containsKey(server.name())) {
                checkup.wrong(
                        "proxy " + server.name(),
                        server.isProxyApart()
                                ? "no inferwatch proxy tells of it; start inferwatch proxy with this configuration"
                                : "the running sidecar does not open it; start the sidecar anew with this configuration");
            }
        }
    }

    private void say(Map<String, Object> source) {
        String subject = "proxy " + source.get("server");
        if (!Boolean.TRUE.equals(source.get("reachable"))) {
            checkup.wrong(subject, source.get("address") + ": " + source.get("problem"));
            return;
        }
        checkup.ok(
                subject,
                "relays " + source.get("address") + " to " + source.get("upstream") + ", "
                        + ("own".equals(source.get("process")) ? "a process of its own" : "within the sidecar"));
        if (source.get("dropped") instanceof Number dropped && dropped.longValue() > 0) {
            checkup.note(subject, dropped + " requests of its process were relayed and not measured");
        }
    }
}
