package io.inferwatch.collector.proxy;

import io.inferwatch.collector.Observer;
import io.inferwatch.collector.Outcome;
import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.RequestText;
import io.inferwatch.collector.identity.IdentityHash;
import io.inferwatch.collector.proxy.answer.AnswerReader;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes records of requests from what was relayed of them. One thread. */
final class ExchangeRecord {
    private static final Pattern TRACE_PARENT =
            Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}.*");
    private static final int MOST_TEXT = 256;
    private static final int IDS_REMEMBERED = 4_096;
    private static final int FIRST_FAILING_STATUS = 400;
    private static final long NANOS_PER_MICRO = 1_000;
    private static final double MICROS_PER_MILLI = 1_000;

    private final IdentityHash identities;
    private final GapTally gaps;
    private final RequestMeasurement.Builder into = new RequestMeasurement.Builder();

    /** How often an id was seen: a client that sends a request again by the same id has sent two. */
    private final Map<String, Integer> attempts = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > IDS_REMEMBERED;
        }
    };

    /** @param gaps gets the times between the chunks of each answer */
    ExchangeRecord(IdentityHash identities, GapTally gaps) {
        this.identities = identities;
        this.gaps = gaps;
    }

    /** @return the record, with the last note of a request */
    @Nullable RequestMeasurement read(Note note) {
        Exchange exchange = note.exchange();
        return switch (note) {
            case Note.RequestPart part -> {
                exchange.request.feed(part.body());
                yield null;
            }
            case Note.AnswerPart part -> {
                answer(exchange).feed(part.body(), part.nanos());
                yield null;
            }
            case Note.Ended ended -> ended(exchange, ended);
        };
    }

    private static AnswerReader answer(Exchange exchange) {
        AnswerReader answer = exchange.answer;
        if (answer == null) {
            answer = new AnswerReader(exchange.form);
            exchange.answer = answer;
        }
        return answer;
    }

    private RequestMeasurement ended(Exchange exchange, Note.Ended ended) {
        AnswerReader answer = answer(exchange);
        answer.finish();
        into.clear().observer(Observer.PROXY).id(exchange.requestId);
        into.attempt(attempts.merge(exchange.requestId, 1, Integer::sum));
        into.text(RequestText.SERVER, exchange.server);
        // A server that serves one model names it nowhere, as TGI does.
        into.text(RequestText.MODEL, exchange.request.model().or(answer::model).orElse(exchange.server));
        headers(exchange);
        if (exchange.status > 0) {
            into.amount(RequestAmount.STATUS, exchange.status);
            into.stream(exchange.form.isStream());
        }
        long micros = (ended.nanos() - exchange.receivedNanos + NANOS_PER_MICRO / 2) / NANOS_PER_MICRO;
        into.amount(
                RequestAmount.LATENCY,
                Math.clamp(micros, 0, RequestAmount.LATENCY.steps().highest()));
        answer.tell(into, exchange.receivedNanos);
        if (exchange.answerHeaders != null) {
            serverTimes(exchange.answerHeaders);
        }
        outcome(exchange, ended, answer).ifPresent(into::outcome);
        RequestMeasurement record = into.build();
        gaps.add(record, answer.gaps());
        return record;
    }

    private static Optional<Outcome> outcome(Exchange exchange, Note.Ended ended, AnswerReader answer) {
        if (ended.outcome() != null) {
            return Optional.of(ended.outcome());
        }
        boolean failedWithin = exchange.status < FIRST_FAILING_STATUS && answer.isError();
        return failedWithin ? Optional.of(Outcome.ERROR) : Optional.empty();
    }

    private void headers(Exchange exchange) {
        HttpHeaders headers = exchange.requestHeaders;
        text(headers, "x-llm-route").ifPresent(route -> into.text(RequestText.ROUTE, route));
        text(headers, "x-llm-tenant").ifPresent(tenant -> into.text(RequestText.TENANT, tenant));
        text(headers, "x-llm-feature").ifPresent(feature -> into.text(RequestText.FEATURE, feature));
        text(headers, "x-llm-user")
                .or(exchange.request::user)
                .flatMap(user -> identities.kept("user", user))
                .ifPresent(user -> into.text(RequestText.USER, user));
        text(headers, "x-llm-session")
                .flatMap(session -> identities.kept("session", session))
                .ifPresent(session -> into.text(RequestText.SESSION, session));
        Matcher trace = TRACE_PARENT.matcher(headers.get("traceparent", ""));
        if (trace.matches()) {
            into.text(RequestText.TRACE_ID, trace.group(1)).text(RequestText.PARENT_ID, trace.group(2));
        }
    }

    private static Optional<String> text(HttpHeaders headers, String name) {
        return Optional.ofNullable(headers.get(name))
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .map(value -> value.length() > MOST_TEXT ? value.substring(0, MOST_TEXT) : value);
    }

    /** Text Generation Inference and its kin say their times in headers, in milliseconds. */
    private void serverTimes(HttpHeaders headers) {
        number(headers, "x-queue-time", RequestAmount.QUEUE, MICROS_PER_MILLI);
        number(headers, "x-prompt-tokens", RequestAmount.INPUT_TOKENS, 1);
        number(headers, "x-generated-tokens", RequestAmount.OUTPUT_TOKENS, 1);
    }

    private void number(HttpHeaders headers, String name, RequestAmount amount, double stepsPerUnit) {
        String text = headers.get(name);
        if (text == null || into.has(amount)) {
            return;
        }
        try {
            double steps = Double.parseDouble(text.strip()) * stepsPerUnit;
            if (steps >= amount.steps().lowest() && steps <= amount.steps().highest()) {
                into.amount(amount, Math.round(steps));
            }
        } catch (NumberFormatException e) {
            // A header of that name from somebody else.
        }
    }
}
