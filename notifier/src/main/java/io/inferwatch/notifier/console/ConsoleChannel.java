package io.inferwatch.notifier.console;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.channel.Links;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Notification.Acknowledged;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Notification.Flapping;
import io.inferwatch.notifier.channel.Notification.MembersChanged;
import io.inferwatch.notifier.channel.Notification.Opened;
import io.inferwatch.notifier.channel.Notification.Repeated;
import io.inferwatch.notifier.channel.Notification.Report;
import io.inferwatch.notifier.channel.Notification.TierChanged;
import io.inferwatch.notifier.channel.Pace;
import io.inferwatch.notifier.channel.Receipt;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.channel.Text;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A line a notice: {@code 2026-11-20T18:42:58Z P1 opened ttft_slow: TTFT p95 1.2s on llama {model=llama}}. */
final class ConsoleChannel implements Channel {
    private static final Pace PACE = new Pace(1000, 60_000, Duration.ofSeconds(1), Duration.ofMinutes(1));
    private static final Endpoint STDOUT = new Endpoint("console", Map.of());
    private static final int MAX_LINE_CHARACTERS = 1000;

    private final PrintStream out;
    private final InstantSource clock;

    ConsoleChannel(PrintStream out, InstantSource clock) {
        this.out = out;
        this.clock = clock;
    }

    @Override
    public Pace pace() {
        return PACE;
    }

    @Override
    public Endpoint endpoint(Optional<Receipt> opened) {
        return STDOUT;
    }

    @Override
    public Delivery deliver(Notice notice, Endpoint endpoint) {
        out.println(Text.cut(Text.oneLine(line(notice)), MAX_LINE_CHARACTERS));
        return new Delivery.Delivered(new Receipt(endpoint, Map.of()));
    }

    private String line(Notice notice) {
        Situation now = notice.what().situation();
        String what = switch (notice.what()) {
            case Opened opened -> "opened";
            case TierChanged changed -> "changed from " + changed.from();
            case MembersChanged changed -> "changed";
            case Repeated repeated -> "still fires";
            case Acknowledged acknowledged -> "acknowledged by " + now.ackedBy();
            case Flapping flapping -> "flapping";
            case Report report -> "report";
            case Closed closed -> "closed (" + closed.reason() + ")";
        };
        List<String> lines = notice.what() instanceof Report report
                ? report.lines()
                : now.lead().why();
        String why = lines.isEmpty() ? "" : " · " + String.join(", ", lines);
        return clock.instant().truncatedTo(ChronoUnit.SECONDS) + " " + now.tier() + " " + what + " " + now.rule() + ": "
                + now.title() + " " + now.group() + why + (now.note().isEmpty() ? "" : " · " + now.note())
                + now.runbook().flatMap(Links::web).map(link -> " · " + link).orElse("");
    }
}
