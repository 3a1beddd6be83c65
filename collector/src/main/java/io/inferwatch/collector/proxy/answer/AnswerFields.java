package io.inferwatch.collector.proxy.answer;

import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.RequestText;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** The fields of an answer that mean something, whoever sends them; what comes later replaces what came before. One thread. */
final class AnswerFields {
    /** What an event brought. */
    enum Token {
        NONE,
        REASONING,
        CONTENT
    }

    private static final double MICROS_PER_MILLI = 1_000;
    private static final double NANOS_PER_MICRO = 1_000;
    private static final int MOST_TEXT = 128;

    private final Map<RequestAmount, Long> amounts = new EnumMap<>(RequestAmount.class);
    private Optional<String> model = Optional.empty();
    private Optional<String> finishReason = Optional.empty();
    private boolean isError;
    private boolean isAnthropic;

    private Token token = Token.NONE;
    private Token delta = Token.NONE;
    private String type = "";
    private boolean isSpecial;

    boolean isError() {
        return isError;
    }

    Optional<String> model() {
        return model;
    }

    void scalar(String path, JsonScan value) {
        if (value.isNull()) {
            return;
        }
        if (value.isString() ? text(path, value) : number(path, value)) {
            return;
        }
        if (path.equals("token.special")) {
            isSpecial = value.isTrue();
        } else if (path.equals("error") || path.startsWith("error.") || path.startsWith("response.error.")) {
            isError = true;
        }
    }

    /**
     * Ends an event.
     *
     * @return what it brought
     */
    Token endEvent() {
        Token brought = token;
        if (type.endsWith(".delta") && delta != Token.NONE) {
            brought = type.contains("reasoning") ? Token.REASONING : Token.CONTENT;
        }
        if (isSpecial) {
            brought = Token.NONE;
        }
        token = Token.NONE;
        delta = Token.NONE;
        type = "";
        isSpecial = false;
        return brought;
    }

    /** Says what is known. Anthropic counts cached prompt tokens apart; here they are part of the prompt. */
    void tell(RequestMeasurement.Builder into) {
        amounts.forEach(into::amount);
        if (isAnthropic && amounts.containsKey(RequestAmount.INPUT_TOKENS)) {
            long all = of(RequestAmount.INPUT_TOKENS)
                    + of(RequestAmount.CACHED_TOKENS)
                    + of(RequestAmount.CACHE_WRITE_TOKENS);
            into.amount(
                    RequestAmount.INPUT_TOKENS,
                    Math.min(all, RequestAmount.INPUT_TOKENS.steps().highest()));
        } else if (of(RequestAmount.CACHED_TOKENS) > of(RequestAmount.INPUT_TOKENS)) {
            into.amount(RequestAmount.CACHED_TOKENS, of(RequestAmount.INPUT_TOKENS));
        }
        finishReason.ifPresent(reason -> into.text(RequestText.FINISH_REASON, reason));
    }

    private long of(RequestAmount amount) {
        return amounts.getOrDefault(amount, 0L);
    }

    /** @return whether the text is known */
    private boolean text(String path, JsonScan value) {
        switch (path) {
            case "choices.delta.content",
                    "choices.delta.refusal",
                    "choices.delta.tool_calls.function.name",
                    "choices.delta.tool_calls.function.arguments",
                    "choices.delta.function_call.arguments",
                    "choices.text",
                    "delta.text",
                    "delta.partial_json",
                    "message.content",
                    "message.tool_calls.function.name",
                    "response",
                    "token.text",
                    "content" -> brings(Token.CONTENT, value);
            case "choices.delta.reasoning",
                    "choices.delta.reasoning_content",
                    "delta.thinking",
                    "message.thinking",
                    "thinking" -> brings(Token.REASONING, value);
            case "delta" -> delta = value.isEmpty() ? delta : Token.CONTENT;
            case "type" -> type = value.text();
            case "model", "message.model", "response.model" ->
                model = shortText(value).or(() -> model);
            case "choices.finish_reason", "delta.stop_reason", "stop_reason", "done_reason", "details.finish_reason" ->
                finishReason = shortText(value).or(() -> finishReason);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static Optional<String> shortText(JsonScan value) {
        String text = value.text();
        return text.isEmpty()
                ? Optional.empty()
                : Optional.of(text.length() > MOST_TEXT ? text.substring(0, MOST_TEXT) : text);
    }

    private void brings(Token kind, JsonScan value) {
        if (!value.isEmpty() && kind.compareTo(token) > 0) {
            token = kind;
        }
    }

    /** @return whether the number is known */
    private boolean number(String path, JsonScan value) {
        String name = path.startsWith("response.usage.") || path.startsWith("message.usage.")
                ? path.substring(path.indexOf('.') + 1)
                : path;
        switch (name) {
            case "usage.prompt_tokens",
                    "usage.input_tokens",
                    "prompt_eval_count",
                    "tokens_evaluated",
                    "details.input_length" -> put(RequestAmount.INPUT_TOKENS, value.number());
            case "usage.completion_tokens",
                    "usage.output_tokens",
                    "eval_count",
                    "tokens_predicted",
                    "details.generated_tokens" -> put(RequestAmount.OUTPUT_TOKENS, value.number());
            case "usage.prompt_tokens_details.cached_tokens", "usage.input_tokens_details.cached_tokens" ->
                put(RequestAmount.CACHED_TOKENS, value.number());
            case "usage.cache_read_input_tokens" -> {
                isAnthropic = true;
                put(RequestAmount.CACHED_TOKENS, value.number());
            }
            case "usage.cache_creation_input_tokens" -> {
                isAnthropic = true;
                put(RequestAmount.CACHE_WRITE_TOKENS, value.number());
            }
            case "usage.completion_tokens_details.reasoning_tokens", "usage.output_tokens_details.reasoning_tokens" ->
                put(RequestAmount.REASONING_TOKENS, value.number());
            case "timings.prompt_ms" -> put(RequestAmount.PREFILL, value.number() * MICROS_PER_MILLI);
            case "timings.predicted_ms" -> put(RequestAmount.DECODE, value.number() * MICROS_PER_MILLI);
            case "prompt_eval_duration" -> put(RequestAmount.PREFILL, value.number() / NANOS_PER_MICRO);
            case "eval_duration" -> put(RequestAmount.DECODE, value.number() / NANOS_PER_MICRO);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void put(RequestAmount amount, double steps) {
        if (steps >= amount.steps().lowest() && steps <= amount.steps().highest()) {
            amounts.put(amount, Math.round(steps));
        }
    }
}
