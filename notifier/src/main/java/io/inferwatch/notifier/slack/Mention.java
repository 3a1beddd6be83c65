package io.inferwatch.notifier.slack;

import java.util.Optional;

/** Whom a message calls: only what the receiver's {@code mention} says, in Slack's own notation. */
final class Mention {
    private Mention() {}

    /** The notation for {@code here}, {@code @channel}, {@code U…} or {@code S…}; empty when it is none of these. */
    static Optional<String> parse(String written) {
        String name = written.startsWith("@") ? written.substring(1) : written;
        if (name.matches("here|channel|everyone")) {
            return Optional.of("<!" + name + ">");
        }
        if (name.matches("[UW][A-Z0-9]{2,20}")) {
            return Optional.of("<@" + name + ">");
        }
        return name.matches("S[A-Z0-9]{2,20}") ? Optional.of("<!subteam^" + name + ">") : Optional.empty();
    }
}
