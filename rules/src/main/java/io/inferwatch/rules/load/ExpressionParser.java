package io.inferwatch.rules.load;

import io.inferwatch.rules.Expression;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.Unit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Arithmetic over signals: {@code + - * /}, parentheses, {@code min max abs clamp}. Precedence climbing; units are worked
 * out on the way. One use per text.
 */
final class ExpressionParser {
    private static final int MAX_DEPTH = 20;
    private static final Pattern TOKEN =
            Pattern.compile("\\s*(?:(\\d{1,15}(?:\\.\\d{1,15})?)|([A-Za-z_][A-Za-z0-9_]*)|([-+*/(),]))");

    /** What is wrong, and where in the text (from 0). */
    static final class Fault extends Exception {
        private static final long serialVersionUID = 1L;

        final int at;

        /** The signal that is not there, where that is the fault. */
        final transient Optional<String> signal;

        Fault(String message, int at) {
            this(message, at, Optional.empty());
        }

        Fault(String message, int at, Optional<String> signal) {
            super(message);
            this.at = at;
            this.signal = signal;
        }
    }

    /** A part of the expression and its unit, in base units. */
    record Typed(Expression expression, Unit unit) {}

    private record Token(String text, int at) {}

    private final List<Token> tokens = new ArrayList<>();
    private final Function<String, Signal> signals;
    private final Map<String, Signal> operands = new LinkedHashMap<>();
    private final int length;
    private int next;
    private int depth;

    /** @param signals gives a signal by name, or {@code null} when there is none */
    ExpressionParser(String text, Function<String, Signal> signals) throws Fault {
        this.signals = signals;
        this.length = text.length();
        Matcher matcher = TOKEN.matcher(text);
        int at = 0;
        while (at < text.stripTrailing().length()) {
            if (!matcher.region(at, text.length()).lookingAt()) {
                throw new Fault("unexpected \"" + text.substring(at).strip().charAt(0) + "\"", at);
            }
            String token = matcher.group().strip();
            tokens.add(new Token(token, matcher.end() - token.length()));
            at = matcher.end();
        }
    }

    Typed parse() throws Fault {
        Typed all = sum();
        if (next < tokens.size()) {
            throw new Fault(
                    "unexpected \"" + tokens.get(next).text() + "\"",
                    tokens.get(next).at());
        }
        return all;
    }

    List<Signal> operands() {
        return List.copyOf(operands.values());
    }

    private Typed sum() throws Fault {
        Typed left = product();
        while (isNext("+") || isNext("-")) {
            Token operator = take();
            Typed right = product();
            requireFit(left, right, operator);
            left = new Typed(
                    new Expression.Binary(operator.text().charAt(0), left.expression(), right.expression()),
                    isZero(left) ? right.unit() : left.unit());
        }
        return left;
    }

    private Typed product() throws Fault {
        Typed left = factor();
        while (isNext("*") || isNext("/")) {
            char operator = take().text().charAt(0);
            Typed right = factor();
            Unit unit = operator == '*'
                    ? left.unit().times(right.unit())
                    : left.unit().per(right.unit());
            left = new Typed(new Expression.Binary(operator, left.expression(), right.expression()), unit);
        }
        return left;
    }

    private Typed factor() throws Fault {
        if (++depth > MAX_DEPTH) {
            throw new Fault("nested too deep", here());
        }
        Typed result = atom(take());
        depth--;
        return result;
    }

    private Typed atom(Token token) throws Fault {
        String text = token.text();
        if (text.equals("-")) {
            Typed of = factor();
            return new Typed(new Expression.Negated(of.expression()), of.unit());
        }
        if (text.equals("(")) {
            Typed inner = sum();
            expect(")");
            return inner;
        }
        if (Character.isDigit(text.charAt(0))) {
            return new Typed(new Expression.Constant(Double.parseDouble(text)), Unit.NONE);
        }
        if (!Character.isLetter(text.charAt(0)) && text.charAt(0) != '_') {
            throw new Fault("unexpected \"" + text + "\"", token.at());
        }
        return isNext("(") ? call(token) : operand(token);
    }

    private Typed operand(Token name) throws Fault {
        Signal signal = signals.apply(name.text());
        if (signal == null) {
            throw new Fault("unknown signal \"" + name.text() + "\"", name.at(), Optional.of(name.text()));
        }
        operands.put(signal.name(), signal);
        double toBase = signal.unit().scale().doubleValue();
        return new Typed(
                new Expression.Operand(signal.name(), toBase), signal.unit().base());
    }

    private Typed call(Token name) throws Fault {
        expect("(");
        List<Typed> arguments = new ArrayList<>();
        arguments.add(sum());
        while (isNext(",")) {
            take();
            arguments.add(sum());
        }
        expect(")");
        int count = arguments.size();
        boolean fits = switch (name.text()) {
            case "min", "max" -> count >= 2;
            case "abs" -> count == 1;
            case "clamp" -> count == 3;
            default ->
                throw new Fault("unknown function \"" + name.text() + "\"; there are min, max, abs, clamp", name.at());
        };
        if (!fits) {
            throw new Fault(name.text() + " does not take " + count + " arguments", name.at());
        }
        Typed measure = arguments.stream().filter(a -> !isZero(a)).findFirst().orElse(arguments.getFirst());
        for (Typed argument : arguments) {
            requireFit(measure, argument, name);
        }
        List<Expression> parts = arguments.stream().map(Typed::expression).toList();
        return new Typed(new Expression.Call(name.text(), parts), measure.unit());
    }

    /** Nothing is nothing in every unit. */
    private static boolean isZero(Typed typed) {
        return typed.expression() instanceof Expression.Constant constant && constant.value() == 0;
    }

    private static void requireFit(Typed left, Typed right, Token where) throws Fault {
        if (!left.unit().fits(right.unit()) && !isZero(left) && !isZero(right)) {
            String message = "\"" + where.text() + "\" joins " + nameOf(left.unit()) + " and " + nameOf(right.unit());
            throw new Fault(message, where.at());
        }
    }

    private static String nameOf(Unit unit) {
        return unit.symbol().isEmpty() ? "a plain number" : unit.symbol();
    }

    private boolean isNext(String text) {
        return next < tokens.size() && tokens.get(next).text().equals(text);
    }

    private Token take() throws Fault {
        if (next >= tokens.size()) {
            throw new Fault("the expression ends too early", length);
        }
        return tokens.get(next++);
    }

    private void expect(String text) throws Fault {
        Token token = take();
        if (!token.text().equals(text)) {
            throw new Fault("\"" + text + "\" expected, not \"" + token.text() + "\"", token.at());
        }
    }

    private int here() {
        return next < tokens.size() ? tokens.get(next).at() : length;
    }
}
