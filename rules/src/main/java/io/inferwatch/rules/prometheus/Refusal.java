package io.inferwatch.rules.prometheus;

/** Why a rule cannot be translated; never leaves this package. */
final class Refusal extends RuntimeException {
    Refusal(String why) {
        super(why, null, false, false);
    }

    String why() {
        return String.valueOf(getMessage());
    }
}
