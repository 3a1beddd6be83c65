package io.inferwatch.api.cli;

import io.inferwatch.api.app.LogSetup;
import io.inferwatch.api.app.RulesSetup;
import io.inferwatch.api.config.Configuration;
import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.book.RuleBook;
import io.inferwatch.rules.yaml.Problem;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inferwatch doctor}: all that could be wrong here, a line each. Exits with 1 where something is. */
@Command(name = "doctor", description = "Looks at everything that could be wrong, and says what to do about it.")
final class DoctorCommand implements Callable<Integer> {
    private static final List<Map.Entry<String, String>> UNPRICED = List.of(
            Map.entry("metric", "inferwatch.cost.unknown_model"),
            Map.entry("agg", "sum"),
            Map.entry("by", "model"),
            Map.entry("from", "-24h"));

    @Mixin
    GlobalOptions options = new GlobalOptions();

    @Option(names = "--print-config", description = "print what is in force and where each value came from, and end")
    boolean printConfig;

    @Override
    public Integer call() {
        Configuration configuration = InferwatchCommand.configuration(options);
        if (printConfig) {
            System.out.print(options.isJson() ? ConfigPrint.json(configuration) : ConfigPrint.of(configuration));
            return 0;
        }
        LogSetup.errorsOnly();
        ModuleConfigs configs = ModuleConfigs.of(configuration);
        Checkup checkup = new Checkup();
        checkup.ok("configuration", source(configuration));
        configuration.warnings().forEach(warning -> checkup.note("configuration", warning));
        ApiClient api = ClientCommand.client(configuration);
        Map<String, Object> fleet = ask(api, "/api/v1/gpus", List.of());
        new HostChecks(configuration, InstantSource.system(), checkup).run(fleet == null ? null : api.address());
        GpuChecks gpus = new GpuChecks(checkup);
        if (fleet == null) {
            gpus.bySelf(configs);
        } else {
            gpus.ofSidecar(fleet);
        }
        sources(fleet == null ? null : api, configuration, configs, checkup);
        rules(configuration, configs, checkup);
        print(checkup);
        return checkup.foundWrong() ? InferwatchCommand.WRONG : 0;
    }

    /** @param api of a sidecar that answers */
    private static void sources(
            @Nullable ApiClient api, Configuration configuration, ModuleConfigs configs, Checkup checkup) {
        ServerChecks servers = new ServerChecks(checkup);
        ProxyChecks proxies = new ProxyChecks(checkup);
        PriceChecks prices = new PriceChecks(checkup);
        Map<String, Object> sources = api == null ? null : ask(api, "/api/v1/sources", List.of());
        if (sources == null) {
            servers.bySelf(configs, configuration.flag("discover"));
            proxies.bySelf(configs);
        } else {
            servers.ofSidecar(sources);
            proxies.ofSidecar(configs, sources);
            new OtlpChecks(checkup).ofSidecar(sources);
        }
        prices.file(configuration);
        Map<String, Object> unpriced = api == null ? null : ask(api, "/api/v1/windows", UNPRICED);
        if (unpriced != null) {
            prices.unpriced(unpriced);
        }
    }

    private static String source(Configuration configuration) {
        long set = configuration.settings().stream()
                .filter(setting -> !setting.origin().equals("default"))
                .count();
        return set == 0 ? "all defaults" : set + " keys set; --print-config shows them";
    }

    /** Null where no sidecar answers. */
    private static @Nullable Map<String, Object> ask(
            ApiClient api, String route, List<Map.Entry<String, String>> query) {
        try {
            return Json.object(api.get(route, query));
        } catch (CommandFailure none) {
            return null;
        }
    }

    private static void rules(Configuration configuration, ModuleConfigs configs, Checkup checkup) {
        RulesSetup setup = RulesSetup.of(configuration, configs, System.getenv(), InstantSource.system());
        String where = configuration.text("rules.file");
        if (!setup.files().exist()) {
            String text = "nothing at " + where + ": the built-in pack is in force, notices go to the console";
            if (configuration.setting("rules.file").isDefault()) {
                checkup.ok("rules", text);
            } else {
                checkup.wrong("rules", "nothing at " + where + "; correct rules.file");
            }
            return;
        }
        RuleBook.Report report = setup.book().reload();
        for (Problem problem : report.problems()) {
            if (problem.warning()) {
                checkup.note("rules", problem.toString());
            } else {
                checkup.wrong("rules", problem.toString());
            }
        }
        if (report.applied()) {
            checkup.ok("rules", where + ": " + setup.book().current().rules().size() + " in force");
            setup.book().current().plan().receivers().values().forEach(receiver -> receiver(receiver, checkup));
        }
    }

    private static void receiver(Receiver receiver, Checkup checkup) {
        String name = "receiver " + receiver.name();
        List<String> missing = ReceiverSecrets.unreadable(receiver.settings(), System.getenv());
        missing.forEach(problem -> checkup.wrong(name, problem));
        if (missing.isEmpty()) {
            checkup.ok(
                    name,
                    receiver.type()
                            + receiver.fallback().map(to -> ", fallback " + to).orElse("") + "; `inferwatch send-test "
                            + receiver.name() + "` tries it");
        }
    }

    private void print(Checkup checkup) {
        if (options.isJson()) {
            System.out.println(Json.text(Map.of(
                    "checks", checkup.lines().stream().map(DoctorCommand::asMap).toList())));
            return;
        }
        Table table = new Table("", "", "");
        checkup.lines().forEach(line -> table.row(line.outcome().word(), line.subject(), line.text()));
        System.out.print(table.toString().stripLeading());
    }

    private static Map<String, Object> asMap(Checkup.Line line) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("outcome", line.outcome().name().toLowerCase(Locale.ROOT));
        shown.put("subject", line.subject());
        shown.put("text", line.text());
        return shown;
    }
}
