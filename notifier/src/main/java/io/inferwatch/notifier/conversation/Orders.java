package io.inferwatch.notifier.conversation;

import io.inferwatch.rules.Silence;
import java.util.List;
import java.util.Map;

/**
 * What operators have decided while the sidecar ran.
 *
 * @param silences beyond those of the rules file
 * @param acks by the id of the alert
 */
public record Orders(List<Silence> silences, Map<String, Ack> acks) {
    public static final Orders NONE = new Orders(List.of(), Map.of());

    public Orders {
        silences = List.copyOf(silences);
        acks = Map.copyOf(acks);
    }
}
