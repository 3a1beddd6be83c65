package io.inferwatch.collector;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One finished or failed inference request. What was not said is absent, never zero: about thirty fields, of which a
 * record rarely carries ten, stand behind {@link RequestText} and {@link RequestAmount} with a presence bit each.
 */
public final class RequestMeasurement implements Measurement {
    /** The longest request id, in characters. */
    public static final int MAX_ID_LENGTH = 128;

    private static final int TEXTS = RequestText.values().length;
    private static final int AMOUNTS = RequestAmount.values().length;

    private final @Nullable String id;
    private final int attempt;
    private final boolean hasOwnTime;
    private final long ownEpochMillis;
    private final Outcome outcome;
    private final @Nullable Boolean stream;
    private final @Nullable String[] texts;
    private final int amountsPresent;
    private final long[] amounts;
    private final RequestExtras extras;
    private final boolean costUserOther;
    private final Observer observer;

    private RequestMeasurement(Builder from) {
        this.id = from.id;
        this.attempt = from.attempt;
        this.hasOwnTime = from.hasOwnTime;
        this.ownEpochMillis = from.ownEpochMillis;
        this.stream = from.stream;
        this.texts = from.texts.clone();
        this.amountsPresent = from.amountsPresent;
        this.amounts = from.amounts.clone();
        this.extras = from.extras;
        this.costUserOther = from.costUserOther;
        this.observer = from.observer;
        this.outcome = from.outcome();
        if (texts[RequestText.MODEL.bit()] == null) {
            throw new IllegalStateException("a request without a model");
        }
    }

    /** As the sender named it; with the attempt, it makes the record idempotent. */
    public Optional<String> id() {
        return Optional.ofNullable(id);
    }

    /** From 1. */
    public int attempt() {
        return attempt;
    }

    /** When the request finished, by the sender's word; without it the record counts as of its arrival. */
    public OptionalLong ownEpochMillis() {
        return hasOwnTime ? OptionalLong.of(ownEpochMillis) : OptionalLong.empty();
    }

    /** Who saw it. */
    public Observer observer() {
        return observer;
    }

    public Outcome outcome() {
        return outcome;
    }

    public Optional<Boolean> stream() {
        return Optional.ofNullable(stream);
    }

    public String model() {
        return Objects.requireNonNull(texts[RequestText.MODEL.bit()]);
    }

    public Optional<String> text(RequestText text) {
        return Optional.ofNullable(texts[text.bit()]);
    }

    /** In the steps of the amount: µs, tokens, 10⁻⁹ $. */
    public OptionalLong amount(RequestAmount amount) {
        return has(amount) ? OptionalLong.of(amounts[amount.bit()]) : OptionalLong.empty();
    }

    public boolean has(RequestAmount amount) {
        return (amountsPresent & 1 << amount.bit()) != 0;
    }

    public RequestExtras extras() {
        return extras;
    }

    /** Whether its cost is told as that of {@link CostUsers#OTHER}: decided when it was journalled. */
    boolean isCostUserOther() {
        return costUserOther;
    }

    @Nullable String idOrNull() {
        return id;
    }

    @Nullable String textOrNull(int bit) {
        return texts[bit];
    }

    int amountsPresent() {
        return amountsPresent;
    }

    /** Means something only where {@link #has} says so. */
    long amountSteps(int bit) {
        return amounts[bit];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RequestMeasurement that
                && Objects.equals(id, that.id)
                && attempt == that.attempt
                && ownEpochMillis().equals(that.ownEpochMillis())
                && outcome == that.outcome
                && Objects.equals(stream, that.stream)
                && costUserOther == that.costUserOther
                && observer == that.observer
                && Arrays.equals(texts, that.texts)
                && amountsPresent == that.amountsPresent
                && Arrays.equals(amounts, that.amounts)
                && extras.equals(that.extras);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, attempt, Arrays.hashCode(texts), Arrays.hashCode(amounts));
    }

    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder("request ").append(id).append('#').append(attempt);
        text.append(' ').append(outcome.label());
        for (RequestText each : RequestText.values()) {
            text(each)
                    .ifPresent(value ->
                            text.append(' ').append(each.field()).append('=').append(value));
        }
        for (RequestAmount each : RequestAmount.values()) {
            amount(each)
                    .ifPresent(
                            value -> text.append(' ').append(each).append('=').append(value));
        }
        return text.append(' ')
                .append(extras)
                .append(" at ")
                .append(ownEpochMillis())
                .toString();
    }

    /** Collects the fields of one request after another; what is built shares nothing with it. One thread. */
    public static final class Builder {
        private @Nullable String id;
        private int attempt = 1;
        private boolean hasOwnTime;
        private long ownEpochMillis;
        private @Nullable Outcome outcome;
        private @Nullable Boolean stream;
        private final @Nullable String[] texts = new @Nullable String[TEXTS];
        private int amountsPresent;
        private final long[] amounts = new long[AMOUNTS];
        private RequestExtras extras = RequestExtras.NONE;
        private boolean costUserOther;
        private Observer observer = Observer.PUSH;

        /** Forgets everything said so far. */
        public Builder clear() {
            id = null;
            attempt = 1;
            hasOwnTime = false;
            ownEpochMillis = 0;
            outcome = null;
            stream = null;
            Arrays.fill(texts, null);
            amountsPresent = 0;
            Arrays.fill(amounts, 0);
            extras = RequestExtras.NONE;
            costUserOther = false;
            observer = Observer.PUSH;
            return this;
        }

        Builder costUserOther() {
            costUserOther = true;
            return this;
        }

        public Builder id(String newId) {
            id = newId;
            return this;
        }

        /** {@link Observer#PUSH} unless said. */
        public Builder observer(Observer newObserver) {
            observer = newObserver;
            return this;
        }

        public Builder attempt(int newAttempt) {
            attempt = newAttempt;
            return this;
        }

        public Builder ownEpochMillis(long epochMillis) {
            hasOwnTime = true;
            ownEpochMillis = epochMillis;
            return this;
        }

        /** Counts as of its arrival, whatever was said before. */
        public Builder placedAtArrival() {
            hasOwnTime = false;
            ownEpochMillis = 0;
            return this;
        }

        public Builder outcome(Outcome newOutcome) {
            outcome = newOutcome;
            return this;
        }

        public Builder stream(boolean isStream) {
            stream = isStream;
            return this;
        }

        public Builder text(RequestText text, String value) {
            texts[text.bit()] = value;
            return this;
        }

        public Builder without(RequestText text) {
            texts[text.bit()] = null;
            return this;
        }

        /** @param steps within the bounds of the amount */
        public Builder amount(RequestAmount amount, long steps) {
            if (steps < amount.steps().lowest() || steps > amount.steps().highest()) {
                throw new IllegalArgumentException(amount.field() + " of " + steps + " steps is out of its bounds");
            }
            amounts[amount.bit()] = steps;
            amountsPresent |= 1 << amount.bit();
            return this;
        }

        public Builder extras(RequestExtras newExtras) {
            extras = newExtras;
            return this;
        }

        public RequestExtras extras() {
            return extras;
        }

        public boolean has(RequestText text) {
            return texts[text.bit()] != null;
        }

        public boolean has(RequestAmount amount) {
            return (amountsPresent & 1 << amount.bit()) != 0;
        }

        /** Means something only where {@link #has(RequestAmount)} says so. */
        public long steps(RequestAmount amount) {
            return amounts[amount.bit()];
        }

        public OptionalLong ownEpochMillis() {
            return hasOwnTime ? OptionalLong.of(ownEpochMillis) : OptionalLong.empty();
        }

        public @Nullable String textOrNull(RequestText text) {
            return texts[text.bit()];
        }

        /** As said, else as the status says, else success. */
        Outcome outcome() {
            if (outcome != null) {
                return outcome;
            }
            return has(RequestAmount.STATUS) ? Outcome.ofStatus(steps(RequestAmount.STATUS)) : Outcome.SUCCESS;
        }

        /**
         * Time per output token after the first, where it was not said and can be derived: a stream of at least two
         * tokens with both its times.
         */
        public void deriveTpot() {
            if (has(RequestAmount.TPOT)) {
                return;
            }
            boolean isStream = stream == null ? has(RequestAmount.TTFT) : stream;
            long tokens = steps(RequestAmount.OUTPUT_TOKENS);
            if (!isStream || !has(RequestAmount.TTFT) || !has(RequestAmount.LATENCY) || tokens < 2) {
                return;
            }
            long decodeMicros = steps(RequestAmount.LATENCY) - steps(RequestAmount.TTFT);
            if (decodeMicros < 0) {
                return;
            }
            amount(RequestAmount.TPOT, (decodeMicros + (tokens - 1) / 2) / (tokens - 1));
        }

        public RequestMeasurement build() {
            return new RequestMeasurement(this);
        }
    }
}
