package io.inferwatch.api.http;

import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.load.MatchReader;
import io.inferwatch.rules.yaml.Durations;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlReader;
import io.micronaut.http.HttpStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A silence as somebody sends it: the form it has in a rules file, in JSON. */
record SilenceForm(AlertMatch match, Instant from, Instant until, String by, String why) {
    private static final int MAX_CHARACTERS = 1000;

    /**
     * @param rules the names a rule may be matched by
     * @throws ProblemException with all that is wrong
     */
    static SilenceForm read(String json, Set<String> rules, Instant now) {
        Problems problems = new Problems();
        Optional<SilenceForm> form = YamlReader.read("body", json, problems)
                .flatMap(root -> read(new MappingReader(root, problems), rules, now, problems));
        refuse(problems, "the silence cannot be taken; errors says why");
        return form.orElseThrow(() -> ProblemException.badRequest("the body holds no silence"));
    }

    private static Optional<SilenceForm> read(MappingReader reader, Set<String> rules, Instant now, Problems problems) {
        Optional<AlertMatch> match = reader.require("match")
                ? reader.mapping("match").map(node -> match(node, rules, problems))
                : Optional.empty();
        Instant from = time(reader, "from", now).orElse(now);
        Optional<Instant> until = reader.require("until") ? time(reader, "until", now) : Optional.empty();
        Optional<String> by = reader.require("by") ? text(reader, "by") : Optional.empty();
        Optional<String> why = reader.require("why") ? text(reader, "why") : Optional.empty();
        reader.refuseUnknown();
        if (match.isEmpty() || until.isEmpty() || by.isEmpty() || why.isEmpty()) {
            return Optional.empty();
        }
        if (!until.get().isAfter(now)) {
            reader.error("until", "until lies in the past");
        } else if (!until.get().isAfter(from)) {
            reader.error("until", "until is not after from");
        }
        return problems.hasErrors()
                ? Optional.empty()
                : Optional.of(new SilenceForm(match.get(), from, until.get(), by.get(), why.get()));
    }

    private static AlertMatch match(MappingReader node, Set<String> rules, Problems problems) {
        AlertMatch match = new MatchReader(problems, Optional.of(rules)).read(node);
        boolean all = match.tiers().isEmpty()
                && match.rules().isEmpty()
                && match.labels().isEmpty();
        if (all) {
            problems.error(node.mapping(), "match names nothing", "name a tier, a rule or a label");
        }
        return match;
    }

    /** {@code +2h} beside the forms all times have. */
    private static Optional<Instant> time(MappingReader reader, String key, Instant now) {
        return reader.text(key).flatMap(text -> {
            Optional<Instant> time =
                    text.startsWith("+") ? Durations.parse(text.substring(1)).map(now::plus) : Times.parse(text, now);
            if (time.isEmpty()) {
                reader.error(key, "\"" + text + "\" is no time", "write it like 2026-12-01T00:00:00Z or +2h");
            }
            return time;
        });
    }

    private static Optional<String> text(MappingReader reader, String key) {
        return reader.text(key).filter(text -> {
            boolean fits = !text.isBlank() && text.length() <= MAX_CHARACTERS;
            if (!fits) {
                reader.error(key, "1 to " + MAX_CHARACTERS + " characters are taken, not " + text.length());
            }
            return fits;
        });
    }

    /** @throws ProblemException where something is wrong */
    static void refuse(Problems problems, String detail) {
        if (problems.hasErrors()) {
            List<io.inferwatch.api.http.Problem.Item> items =
                    problems.list().stream().map(SilenceForm::item).toList();
            throw new ProblemException(HttpStatus.BAD_REQUEST, detail, items, Optional.empty());
        }
    }

    private static io.inferwatch.api.http.Problem.Item item(Problem problem) {
        return new io.inferwatch.api.http.Problem.Item(
                problem.message(),
                "/" + problem.path().replace('.', '/'),
                problem.position().line(),
                problem.position().column(),
                problem.hint().orElse(null));
    }
}
