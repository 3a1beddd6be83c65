package io.inferwatch.api.app;

import io.inferwatch.api.access.Access;
import io.inferwatch.api.access.HostAllowList;
import io.inferwatch.api.access.Tokens;
import io.inferwatch.api.config.Configuration;
import io.micronaut.context.ApplicationContext;
import io.micronaut.http.server.netty.NettyEmbeddedServer;
import io.micronaut.runtime.server.EmbeddedServer;
import java.net.BindException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server of the sidecar. It starts beside everything else and answers 503 until there is something to see. */
final class HttpFront {
    private static final Logger LOG = LoggerFactory.getLogger(HttpFront.class);

    private final Configuration configuration;
    private final HttpSettings settings;
    private final Tokens tokens;
    private final Live live;
    private final Lifecycle lifecycle;
    private CompletableFuture<EmbeddedServer> started = new CompletableFuture<>();

    HttpFront(Configuration configuration, Tokens tokens, Live live, Lifecycle lifecycle) {
        this.configuration = configuration;
        this.settings = new HttpSettings(configuration);
        this.tokens = tokens;
        this.live = live;
        this.lifecycle = lifecycle;
    }

    void startBeside() {
        if (configuration.flag("http.insecure_plaintext")) {
            LOG.warn("plain HTTP is allowed on {}: tokens and records can be read on the way", settings.host());
        }
        Access access = new Access(
                tokens,
                new HostAllowList(settings.host(), configuration.texts("http.allowed_hosts")),
                settings.statusListener().map(HttpSettings.StatusListener::port));
        started = CompletableFuture.supplyAsync(
                () -> {
                    ApplicationContext context = ApplicationContext.builder()
                            .deduceEnvironment(false)
                            .deduceCloudEnvironment(false)
                            .environmentPropertySource(false)
                            .banner(false)
                            .properties(settings.asProperties())
                            .singletons(access, live, configuration)
                            .build();
                    lifecycle.onStop("http", context::close);
                    context.start();
                    return context.getBean(EmbeddedServer.class).start();
                },
                task -> Thread.ofPlatform().name("http-start").start(task));
    }

    /** @throws StartException when the port cannot be had */
    void awaitStarted() {
        try {
            started.join();
        } catch (CompletionException e) {
            throw explained(e);
        }
    }

    private StartException explained(CompletionException failure) {
        String where = settings.host() + ":" + configuration.text("http.port");
        Throwable root = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                return new StartException(
                        2, where + " cannot be had: " + cause.getMessage() + "; choose another port with --port");
            }
            root = cause;
        }
        return new StartException(2, "the HTTP server on " + where + " cannot start: " + root);
    }

    /** The address people type; valid once started. */
    String address() {
        EmbeddedServer server = started.join();
        String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
        return (settings.isTls() ? "https" : "http") + "://" + host + ":" + mainPort(server);
    }

    /** The server itself names any of its ports, so the status listener's is taken out. */
    private int mainPort(EmbeddedServer server) {
        int configured = configuration.integer("http.port");
        if (configured != 0 || !(server instanceof NettyEmbeddedServer netty)) {
            return configured == 0 ? server.getPort() : configured;
        }
        Optional<Integer> status = settings.statusListener().map(HttpSettings.StatusListener::port);
        return netty.getBoundPorts().stream()
                .filter(port -> !Optional.of(port).equals(status))
                .findFirst()
                .orElseGet(server::getPort);
    }
}
