package io.inferwatch.notifier;

import io.inferwatch.notifier.PipelineStats.ReceiverStats;
import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.Pace;
import io.inferwatch.rules.NotificationPlan.Receiver;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One receiver's channel and how much it may be given now. Belongs to the pipeline's thread. */
final class ReceiverDesk {
    /** Calls under way to one receiver. */
    private static final int MAX_CALLS = 8;

    private final Receiver receiver;
    private final Channel channel;
    private final Map<String, Long> attempts = new TreeMap<>();
    private double tokens;
    private long filledNanos;
    private long pausedUntilNanos;
    private int calls;
    private @Nullable String degraded;

    ReceiverDesk(Receiver receiver, Channel channel, long nowNanos) {
        this.receiver = receiver;
        this.channel = channel;
        this.tokens = channel.pace().burst();
        this.filledNanos = nowNanos;
        this.pausedUntilNanos = nowNanos;
    }

    Receiver receiver() {
        return receiver;
    }

    Channel channel() {
        return channel;
    }

    /** Whether one more may go out now; if so it is counted. */
    boolean takeTurn(long nowNanos) {
        if (calls >= MAX_CALLS || nowNanos - pausedUntilNanos < 0) {
            return false;
        }
        fill(nowNanos);
        if (tokens < 1) {
            return false;
        }
        tokens -= 1;
        return true;
    }

    /** How long until a turn may be taken, as far as the pace goes. */
    long nanosUntilTurn(long nowNanos) {
        fill(nowNanos);
        long paused = Math.max(0, pausedUntilNanos - nowNanos);
        long refill = tokens >= 1 ? 0 : (long) Math.ceil((1 - tokens) / tokensPerNano());
        return Math.max(paused, refill);
    }

    private void fill(long nowNanos) {
        tokens = Math.min(channel.pace().burst(), tokens + (nowNanos - filledNanos) * tokensPerNano());
        filledNanos = nowNanos;
    }

    private double tokensPerNano() {
        Pace pace = channel.pace();
        return pace.perMinute() / (double) Duration.ofMinutes(1).toNanos();
    }

    void pause(long untilNanos) {
        if (untilNanos - pausedUntilNanos > 0) {
            pausedUntilNanos = untilNanos;
        }
    }

    void callBegins() {
        calls++;
    }

    void callEnds(String outcome) {
        calls--;
        attempts.merge(outcome, 1L, Long::sum);
    }

    void degraded(String reason) {
        degraded = reason;
    }

    void works() {
        degraded = null;
    }

    ReceiverStats stats() {
        return new ReceiverStats(receiver.name(), receiver.type(), Map.copyOf(attempts), Optional.ofNullable(degraded));
    }
}
