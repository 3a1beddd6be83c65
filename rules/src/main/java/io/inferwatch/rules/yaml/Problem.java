package io.inferwatch.rules.yaml;

import java.util.Optional;

/**
 * One thing wrong with a file, printed {@code rules.yml:14:9 rules.gpu_hot.tiers.P1.above: unit "ms" does not fit …}.
 *
 * @param path the keys down to it
 * @param hint what to write instead, where one is known
 * @param warning whether the file loads all the same
 */
public record Problem(Position position, String path, String message, Optional<String> hint, boolean warning) {
    @Override
    public String toString() {
        return position + (path.isEmpty() ? "" : " " + path) + ": " + message
                + hint.map(h -> "; " + h).orElse("");
    }
}
