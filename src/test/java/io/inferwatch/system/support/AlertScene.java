package io.inferwatch.system.support;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A sidecar whose rules lead to a stand-in for PagerDuty and one for Slack, and traffic that keeps a breach going. */
public final class AlertScene implements AutoCloseable {
    private static final Duration BETWEEN_PUSHES = Duration.ofMillis(200);

    private final FakePagerDuty pagerDuty = FakePagerDuty.start();
    private final FakeSlack slack = FakeSlack.start();
    private final RunningSidecar sidecar;

    /** @param rules what follows the receivers in the rules file: routes, signals, rules */
    public AlertScene(String defaults, String rules) {
        String receivers = "receivers:\n  " + pagerDuty.receiver() + "\n  " + String.join("\n  ", slack.receivers());
        sidecar = RunningSidecar.with()
                .config("notifier: {allowed_hosts: ['%s', '%s']}\n".formatted(pagerDuty.url(), slack.url()))
                .rules("version: 1\ndefaults: " + defaults + "\n" + receivers + "\n" + rules)
                .start();
    }

    public RunningSidecar sidecar() {
        return sidecar;
    }

    public FakePagerDuty pagerDuty() {
        return pagerDuty;
    }

    public FakeSlack slack() {
        return slack;
    }

    /** Every fault either stand-in has seen. */
    public List<String> faults() {
        return Stream.concat(pagerDuty.faults().stream(), slack.faults().stream())
                .toList();
    }

    /** Ten successes of a model with this time to first token. */
    public void push(String model, double ttftMs) {
        String line = Json.object("model", model, "ttft_ms", ttftMs, "latency_ms", ttftMs + 100, "output_tokens", 5)
                .toString();
        pushLines(IntStream.range(0, 10).mapToObj(i -> line).toList());
    }

    public void pushLines(List<String> lines) {
        sidecar.api()
                .post(SidecarApi.REQUESTS, SidecarApi.NDJSON, String.join("\n", lines))
                .json(202);
    }

    /** Pushes ten records of the model every 200 ms while something else is done or waited for. */
    public void whilePushing(String model, double ttftMs, Runnable meanwhile) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor()) {
            ScheduledFuture<?> pushes = sender.scheduleAtFixedRate(
                    () -> {
                        try {
                            push(model, ttftMs);
                        } catch (RuntimeException | AssertionError e) {
                            failure.compareAndSet(null, e);
                        }
                    },
                    0,
                    BETWEEN_PUSHES.toMillis(),
                    TimeUnit.MILLISECONDS);
            try {
                meanwhile.run();
            } finally {
                pushes.cancel(false);
            }
        }
        Throwable failed = failure.get();
        if (failed != null) {
            throw new AssertionError("a push failed", failed);
        }
    }

    /** What the sidecar says of itself and the stand-ins saw, for the message of a failed test. */
    public String story() {
        return String.format(
                Locale.ROOT,
                "open %s%nevents %s%nslack %s%nfaults %s%nalerts %s%nnotifications %s%nlog %s",
                pagerDuty.open().keySet(),
                pagerDuty.events("").stream()
                        .map(event -> event.action() + " " + event.dedupKey() + " " + event.severity())
                        .toList(),
                slack.messages().keySet(),
                faults(),
                sidecar.api().get("/api/v1/alerts").text(),
                sidecar.api().get("/api/v1/notifications").text(),
                sidecar.logTail(1500));
    }

    @Override
    public void close() {
        sidecar.close();
        pagerDuty.close();
        slack.close();
    }
}
