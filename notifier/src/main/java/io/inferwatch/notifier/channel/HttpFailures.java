package io.inferwatch.notifier.channel;

import io.inferwatch.notifier.channel.Delivery.Rejected;
import io.inferwatch.notifier.channel.Delivery.RetryLater;
import io.inferwatch.notifier.outbound.Exchange;
import io.inferwatch.notifier.outbound.Exchange.Answer;
import io.inferwatch.notifier.outbound.Exchange.NoAnswer;
import io.inferwatch.notifier.outbound.Exchange.Refused;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * The failures that HTTP itself tells and that mean the same at every receiver: an address that may not be called, no answer,
 * 408, 429 and 5xx. What any other answer means, the channel says. Pure.
 *
 * @param receiver as people call it, for the reason
 * @param address what of it is wrong where it cannot be called
 * @param pauseWhenLimited after a 429 that names no time
 * @param repeatsShow whether a repeat of what has arrived would be seen, so that it must say so
 */
public record HttpFailures(String receiver, String address, Duration pauseWhenLimited, boolean repeatsShow) {

    /**
     * @param failed takes the failures named above
     * @param answered takes every other answer
     */
    public <T> T read(Exchange exchange, Function<Delivery, T> failed, Function<Answer, T> answered) {
        return switch (exchange) {
            case Refused refused -> failed.apply(new Rejected(address + " cannot be called: " + refused.reason()));
            case NoAnswer none ->
                failed.apply(later(none.reason(), Optional.empty(), repeatsShow && none.mayHaveArrived()));
            case Answer answer -> {
                int status = answer.status();
                if (status == 429) {
                    Duration after = answer.retryAfter().orElse(pauseWhenLimited);
                    yield failed.apply(later("rate limited", Optional.of(after), false));
                }
                yield status == 408 || status >= 500
                        ? failed.apply(later("HTTP " + status, answer.retryAfter(), repeatsShow))
                        : answered.apply(answer);
            }
        };
    }

    private RetryLater later(String reason, Optional<Duration> after, boolean mayHaveArrived) {
        return new RetryLater(receiver + ": " + reason, after, mayHaveArrived);
    }
}
