package io.inferwatch.notifier.watchdog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.inferwatch.notifier.channel.ReceiverSettings;
import io.inferwatch.notifier.channel.Secret;
import io.inferwatch.notifier.conversation.Beats;
import io.inferwatch.notifier.outbound.Exchange.Answer;
import io.inferwatch.notifier.outbound.Exchange.NoAnswer;
import io.inferwatch.notifier.outbound.Exchange.Refused;
import io.inferwatch.notifier.outbound.Outbound;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Watchdog;
import io.inferwatch.rules.yaml.Problems;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A dead man's switch: it posts {@code {host, time}} while the sidecar does its work, and nothing while it does not, so
 * that whoever waits for the beats raises the alarm. Any 2xx is a delivered beat. Used by one thread.
 */
public final class Heartbeat {
    /** As many beats in a row must fail before somebody is told. */
    static final int PATIENCE = 3;

    private static final Duration LOOKS_AGAIN = Duration.ofSeconds(5);
    private static final JsonFactory JSON = new JsonFactory();

    private final Outbound outbound;
    private final UnaryOperator<@Nullable String> environment;
    private final String hostId;
    private final InstantSource clock;
    private final BooleanSupplier isWorking;
    private final Supplier<Optional<Watchdog>> plan;
    private final Consumer<Beats> told;
    private int failuresInARow;

    /**
     * @param environment gives the value of an environment variable, or {@code null}
     * @param isWorking whether rules, windows and journal went on lately
     * @param plan the watchdog of the running rules
     * @param told hears how each beat ended
     */
    public Heartbeat(
            Outbound outbound,
            UnaryOperator<@Nullable String> environment,
            String hostId,
            InstantSource clock,
            BooleanSupplier isWorking,
            Supplier<Optional<Watchdog>> plan,
            Consumer<Beats> told) {
        this.outbound = outbound;
        this.environment = environment;
        this.hostId = hostId;
        this.clock = clock;
        this.isWorking = isWorking;
        this.plan = plan;
        this.told = told;
    }

    /** Reports an address that may not be called; reads no secret. */
    public static void check(Watchdog watchdog, Outbound outbound, Problems problems) {
        if (url(watchdog, name -> null) instanceof Secret.Literal literal) {
            outbound.allowedHosts()
                    .objection(literal.value())
                    .ifPresent(objection -> watchdog.settings()
                            .get("url")
                            .ifPresent(node -> problems.error(node, "url cannot be called: " + objection)));
        }
    }

    /** One beat, where one is wanted. @return how long until the next */
    public Duration step() {
        Optional<Watchdog> wanted = plan.get();
        if (wanted.isEmpty()) {
            failuresInARow = 0;
            told.accept(Beats.NONE);
            return LOOKS_AGAIN;
        }
        if (isWorking.getAsBoolean()) {
            beat(wanted.get());
        }
        return wanted.get().every();
    }

    private void beat(Watchdog watchdog) {
        Optional<String> failure = failure(watchdog);
        failuresInARow = failure.isEmpty() ? 0 : failuresInARow + 1;
        if (failure.isEmpty()) {
            told.accept(Beats.arriving());
        } else if (failuresInARow >= PATIENCE) {
            told.accept(Beats.failing(failuresInARow + " heartbeats in a row failed: " + failure.get()));
        }
    }

    private Optional<String> failure(Watchdog watchdog) {
        String url;
        try {
            url = url(watchdog, environment).read();
        } catch (Secret.Unreadable e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        return switch (outbound.post(url, Map.of("Content-Type", "application/json"), body())) {
            case Refused refused -> Optional.of("its address cannot be called: " + refused.reason());
            case NoAnswer none -> Optional.of(none.reason());
            case Answer answer ->
                answer.status() / 100 == 2 ? Optional.empty() : Optional.of("HTTP " + answer.status());
        };
    }

    private static Secret url(Watchdog watchdog, UnaryOperator<@Nullable String> environment) {
        Receiver settings = new Receiver("watchdog", "watchdog", Optional.empty(), watchdog.settings());
        return new ReceiverSettings(settings, environment).secret("url");
    }

    private byte[] body() {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("host", hostId);
            json.writeStringField("time", clock.instant().toString());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }
}
