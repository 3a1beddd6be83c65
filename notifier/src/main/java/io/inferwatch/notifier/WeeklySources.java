package io.inferwatch.notifier;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the weekly report takes from outside the notifier. */
public interface WeeklySources {

    /** Nothing is known. */
    WeeklySources NONE = new WeeklySources() {
        @Override
        public List<String> neverMatched() {
            return List.of();
        }

        @Override
        public CompletableFuture<Map<String, String>> advise(Set<String> rules) {
            return CompletableFuture.completedFuture(Map.of());
        }
    };

    /** The signals that never matched anything. */
    List<String> neverMatched();

    /** What to try with these rules, which told much of little, in words by rule. May take a minute. */
    CompletableFuture<Map<String, String>> advise(Set<String> rules);

    /** The same, where a failure is no reason to have no report. */
    default CompletableFuture<Map<String, String>> advice(Set<String> rules) {
        return advise(rules).exceptionally(failure -> {
            Logger log = LoggerFactory.getLogger(WeeklySources.class);
            log.warn("The weekly report names no limits to try: the replay failed", failure);
            return Map.of();
        });
    }
}
