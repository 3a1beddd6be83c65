package io.inferwatch.rules.load;

import io.inferwatch.rules.NotificationPlan.FlapGuard;
import io.inferwatch.rules.NotificationPlan.Watchdog;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@code defaults.flap} and {@code watchdog}. */
final class GuardReader {
    private static final Duration LONGEST = Duration.ofDays(7);

    private final Problems problems;
    private final Set<String> receivers;

    GuardReader(Problems problems, Set<String> receivers) {
        this.problems = problems;
        this.receivers = receivers;
    }

    FlapGuard flap(Optional<MappingReader> written) {
        FlapGuard unsaid = FlapGuard.DEFAULT;
        return written.map(reader -> {
                    FlapGuard guard = new FlapGuard(
                            (int) reader.integer("changes", 2, 100).orElse(unsaid.changes()),
                            reader.duration("within", Duration.ofMinutes(1), LONGEST)
                                    .orElse(unsaid.within()),
                            reader.duration("hold", Duration.ofSeconds(1), LONGEST)
                                    .orElse(unsaid.hold()));
                    reader.refuseUnknown();
                    return guard;
                })
                .orElse(unsaid);
    }

    Optional<Watchdog> watchdog(YamlNode node) {
        return MappingReader.of(node, problems).flatMap(reader -> {
            boolean hasUrl = reader.require("url");
            reader.node("url")
                    .filter(url -> !isSecret(url))
                    .ifPresent(url -> problems.error(url, "a secret is a text, {file: PATH} or {env: NAME}"));
            Duration every = reader.duration("every", Duration.ofSeconds(10), Duration.ofHours(1))
                    .orElse(Duration.ofMinutes(1));
            List<String> to = new ArrayList<>();
            for (Scalar name : reader.scalars("to").orElse(List.of())) {
                if (receivers.contains(name.text())) {
                    to.add(name.text());
                } else {
                    PlanReader.unknown(problems, name, "receiver", name.text(), receivers);
                }
            }
            reader.refuseUnknown();
            return hasUrl ? Optional.of(new Watchdog(reader.mapping(), every, to)) : Optional.empty();
        });
    }

    private static boolean isSecret(YamlNode node) {
        return node instanceof Scalar
                || (node instanceof Mapping mapping
                        && mapping.entries().size() == 1
                        && List.of("file", "env").containsAll(mapping.entries().keySet()));
    }
}
