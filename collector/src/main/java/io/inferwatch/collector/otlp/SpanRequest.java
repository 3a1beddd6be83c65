package io.inferwatch.collector.otlp;

import io.inferwatch.collector.Observer;
import io.inferwatch.collector.Outcome;
import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.RequestText;
import io.inferwatch.collector.identity.IdentityHash;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** A span as the request it tells of. What does not fit a request is left out, never bent. */
final class SpanRequest {
    private static final double MICROS = 1e6;

    private final IdentityHash identities;

    SpanRequest(IdentityHash identities) {
        this.identities = identities;
    }

    /** Whether a span is one call of a model: not an agent, a tool, or a chain around such calls. */
    static boolean isCall(Span span) {
        Optional<String> operation = span.text(Attributes.OPERATION);
        if (operation.isPresent()) {
            return Attributes.CALLS.contains(operation.get());
        }
        Optional<String> kind = span.text(Attributes.OPENINFERENCE_KIND, Attributes.LANGFUSE_TYPE)
                .map(word -> word.toLowerCase(Locale.ROOT));
        if (kind.isPresent()) {
            return kind.get().equals("llm")
                    || kind.get().equals("generation")
                    || kind.get().equals("embedding");
        }
        boolean hasUsage = Attributes.TOKENS.values().stream()
                .flatMap(keys -> keys.stream())
                .anyMatch(span::has);
        boolean hasTimes = Attributes.TIMES.values().stream()
                .flatMap(keys -> keys.stream())
                .anyMatch(span::has);
        return hasTimes
                || span.has(Attributes.OPENLLMETRY_TYPE)
                || (hasUsage && span.text(Attributes.MODEL).isPresent());
    }

    /** @return empty when it names no model */
    Optional<RequestMeasurement.Builder> of(Span span) {
        Optional<String> model = span.text(Attributes.MODEL);
        if (model.isEmpty()) {
            return Optional.empty();
        }
        RequestMeasurement.Builder request = new RequestMeasurement.Builder()
                .observer(Observer.OTLP)
                .text(RequestText.MODEL, model.get())
                .id(span.text(Attributes.ID)
                        .filter(id -> id.length() <= RequestMeasurement.MAX_ID_LENGTH)
                        .orElse(span.traceId + ":" + span.spanId))
                .ownEpochMillis(span.endNanos / 1_000_000)
                .outcome(outcome(span));
        texts(span, request);
        times(span, request);
        tokens(span, request);
        amount(request, RequestAmount.STATUS, span.number(Attributes.STATUS), 1);
        amount(request, RequestAmount.COST, cost(span), 1e9);
        TraceState.keptNanoShares(span.traceState).ifPresent(rate -> put(request, RequestAmount.SAMPLING_RATE, rate));
        span.bool(Attributes.STREAM).ifPresent(request::stream);
        request.deriveTpot();
        return Optional.of(request);
    }

    private void texts(Span span, RequestMeasurement.Builder request) {
        if (span.kind == Span.SERVER) {
            span.text(Attributes.SERVICE).ifPresent(service -> request.text(RequestText.SERVER, service));
        }
        span.text(Attributes.FINISH).ifPresent(reason -> request.text(RequestText.FINISH_REASON, reason));
        span.text(Attributes.USER)
                .flatMap(user -> identities.kept(RequestText.USER.field(), user))
                .ifPresent(kept -> request.text(RequestText.USER, kept));
        span.text(Attributes.SESSION)
                .flatMap(session -> identities.kept(RequestText.SESSION.field(), session))
                .ifPresent(kept -> request.text(RequestText.SESSION, kept));
        request.text(RequestText.TRACE_ID, span.traceId).text(RequestText.SPAN_ID, span.spanId);
        if (!span.parentId.isEmpty()) {
            request.text(RequestText.PARENT_ID, span.parentId);
        }
    }

    private static void times(Span span, RequestMeasurement.Builder request) {
        long nanos = span.endNanos - span.startNanos;
        put(request, RequestAmount.LATENCY, (nanos + 500) / 1_000);
        Attributes.TIMES.forEach((amount, keys) -> amount(request, amount, span.number(keys), MICROS));
        if (!request.has(RequestAmount.TTFT)) {
            firstToken(span).ifPresent(at -> put(request, RequestAmount.TTFT, (at - span.startNanos + 500) / 1_000));
        }
    }

    private static OptionalLong firstToken(Span span) {
        Optional<String> langfuse = span.text(Attributes.LANGFUSE_FIRST);
        if (langfuse.isPresent()) {
            try {
                // Some SDKs write it with the quotes of JSON.
                Instant at = Instant.parse(langfuse.get().replace("\"", ""));
                return OptionalLong.of(
                        Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano()));
            } catch (DateTimeException | ArithmeticException e) {
                return OptionalLong.empty();
            }
        }
        return span.firstTokenNanos == 0 ? OptionalLong.empty() : OptionalLong.of(span.firstTokenNanos);
    }

    private static void tokens(Span span, RequestMeasurement.Builder request) {
        Attributes.TOKENS.forEach((amount, keys) -> amount(request, amount, span.number(keys), 1));
        if (!request.has(RequestAmount.INPUT_TOKENS) && !request.has(RequestAmount.OUTPUT_TOKENS)) {
            span.text(Attributes.LANGFUSE_USAGE).map(LangfuseDetails::new).ifPresent(usage -> {
                amount(request, RequestAmount.INPUT_TOKENS, usage.input(), 1);
                amount(request, RequestAmount.CACHED_TOKENS, usage.cached(), 1);
                amount(request, RequestAmount.CACHE_WRITE_TOKENS, usage.cacheWrite(), 1);
                amount(request, RequestAmount.OUTPUT_TOKENS, usage.output(), 1);
                amount(request, RequestAmount.REASONING_TOKENS, usage.reasoning(), 1);
            });
        }
        long cached = steps(request, RequestAmount.CACHED_TOKENS) + steps(request, RequestAmount.CACHE_WRITE_TOKENS);
        long input = steps(request, RequestAmount.INPUT_TOKENS);
        if (request.has(RequestAmount.INPUT_TOKENS) && cached > input) {
            // Anthropic's own count, passed on as it is, leaves both kinds of cached tokens out.
            put(request, RequestAmount.INPUT_TOKENS, input + cached);
        }
    }

    private static Optional<Double> cost(Span span) {
        return span.number(Attributes.COST)
                .or(() -> span.text(Attributes.LANGFUSE_COST)
                        .map(LangfuseDetails::new)
                        .flatMap(LangfuseDetails::total));
    }

    private static long steps(RequestMeasurement.Builder request, RequestAmount amount) {
        return request.has(amount) ? request.steps(amount) : 0;
    }

    private static Outcome outcome(Span span) {
        Optional<Outcome> answered = span.number(Attributes.STATUS)
                .map(status -> Outcome.ofStatus(status.longValue()))
                .filter(outcome -> outcome != Outcome.SUCCESS);
        // Every status of 400 and more makes a span an error: the status says which.
        return answered.or(() -> span.text(Attributes.ERROR_TYPE).map(SpanRequest::outcomeOf))
                .orElse(span.status == Span.ERROR ? Outcome.ERROR : Outcome.SUCCESS);
    }

    /** What an {@code error.type} comes to: the name of an exception, a status, a word. */
    static Outcome outcomeOf(String errorType) {
        if (errorType.toLowerCase(Locale.ROOT).contains("timeout")) {
            return Outcome.TIMEOUT;
        }
        Outcome answered = errorType.matches("\\d{3}") ? Outcome.ofStatus(Long.parseLong(errorType)) : Outcome.ERROR;
        return answered == Outcome.SUCCESS ? Outcome.ERROR : answered;
    }

    private static void amount(
            RequestMeasurement.Builder request, RequestAmount amount, Optional<Double> value, double stepsEach) {
        value.ifPresent(number -> put(request, amount, Math.round(number * stepsEach)));
    }

    private static void put(RequestMeasurement.Builder request, RequestAmount amount, long steps) {
        boolean isInBounds =
                steps >= amount.steps().lowest() && steps <= amount.steps().highest();
        boolean isPastEnd = amount == RequestAmount.TTFT
                && request.has(RequestAmount.LATENCY)
                && steps > request.steps(RequestAmount.LATENCY);
        if (isInBounds && !isPastEnd) {
            request.amount(amount, steps);
        }
    }
}
