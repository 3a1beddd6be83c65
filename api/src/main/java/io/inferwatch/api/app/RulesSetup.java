package io.inferwatch.api.app;

import io.inferwatch.api.config.ConfigException;
import io.inferwatch.api.config.Configuration;
import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.NotificationRehearsal;
import io.inferwatch.rules.book.InlineTests;
import io.inferwatch.rules.book.RuleBook;
import io.inferwatch.rules.book.RuleFiles;
import io.inferwatch.rules.load.RuleLoader;
import io.inferwatch.rules.yaml.Problem;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rules as they stand at a start: read, checked, tested. */
public record RulesSetup(RuleBook book, RuleFiles files, Channels channels, NotificationRehearsal rehearsal) {
    private static final Logger LOG = LoggerFactory.getLogger(RulesSetup.class);

    /**
     * A book that can read and check rules as this configuration has them; nothing is read yet but the built-in pack.
     *
     * @param environment where {@code {env: NAME}} secrets come from
     */
    public static RulesSetup of(
            Configuration configuration, ModuleConfigs configs, Map<String, String> environment, InstantSource clock) {
        Set<String> labels = new HashSet<>(configuration.textMap("labels").keySet());
        labels.add("host");
        labels.addAll(configs.collector().labels().latency());
        labels.addAll(configs.collector().labels().traffic());
        labels.addAll(configs.collector().labels().cost());
        Channels channels = new Channels(configs.notifier(), clock, environment);
        RuleLoader loader = new RuleLoader(labels, channels.checker());
        RuleFiles files = new RuleFiles(configuration.text("rules.file"));
        NotificationRehearsal rehearsal = rehearsal(configuration, environment, channels);
        InlineTests tests = new InlineTests(Optional.of(rehearsal));
        RuleBook book = new RuleBook(files, loader, tests, clock);
        return new RulesSetup(book, files, channels, rehearsal);
    }

    /** An inline test reads no data directory, so an unnamed host has a stand-in's name in it. */
    private static NotificationRehearsal rehearsal(
            Configuration configuration, Map<String, String> environment, Channels channels) {
        String hostId = configuration
                .optionalText("host_id")
                .or(() -> Optional.ofNullable(environment.get("NODE_NAME")).filter(name -> !name.isBlank()))
                .orElse("localhost");
        return new NotificationRehearsal(hostId, LabelSet.of(configuration.textMap("labels")), channels.types());
    }

    /** @throws ConfigException with every error in the rules file, or when one was asked for and is not there */
    void readFiles(Configuration configuration) {
        boolean isDefault = configuration.setting("rules.file").isDefault();
        if (!files.exist()) {
            if (isDefault) {
                return;
            }
            throw new ConfigException(List.of("rules.file: nothing at " + files.location()));
        }
        RuleBook.Report report = book.reload();
        report.problems().stream().filter(Problem::warning).forEach(warning -> LOG.warn("{}", warning));
        if (!report.applied()) {
            throw new ConfigException(report.problems().stream()
                    .filter(problem -> !problem.warning())
                    .map(Problem::toString)
                    .toList());
        }
    }
}
