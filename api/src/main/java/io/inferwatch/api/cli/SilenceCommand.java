package io.inferwatch.api.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inferwatch silence}: what nobody is to be told of for a while. */
@Command(
        name = "silence",
        description = "Adds, lists and ends silences.",
        subcommands = {SilenceCommand.Add.class, SilenceCommand.ListAll.class, SilenceCommand.Expire.class})
final class SilenceCommand implements Runnable {
    private static final String PATH = "/api/v1/silences";

    @Mixin
    GlobalOptions options = new GlobalOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "one of add, list and expire is needed");
    }

    /** {@code silence add model=canary-* --until +2h --why "load test"}. */
    @Command(name = "add", description = "Matching alerts open, raise and repeat nothing for a while.")
    static final class Add extends ClientCommand {
        @Parameters(
                paramLabel = "NAME=VALUE",
                arity = "1..*",
                description = "rule, tier or a label; the value may be a list a,b, hold *, or begin with !")
        List<String> matches = List.of();

        @Option(
                names = "--until",
                required = true,
                paramLabel = "TIME",
                description = "its end: RFC 3339, or from now on as +2h")
        String until = "";

        @Option(names = "--from", paramLabel = "TIME", description = "its beginning (default: now)")
        @Nullable String from;

        @Option(names = "--why", required = true, paramLabel = "TEXT", description = "for the next one on call")
        String why = "";

        @Option(names = "--by", paramLabel = "NAME", description = "who decides it (default: you)")
        String by = System.getProperty("user.name", "somebody");

        @Override
        int run(ApiClient api) {
            Map<String, Object> silence = new LinkedHashMap<>();
            silence.put("match", match());
            if (from != null) {
                silence.put("from", from);
            }
            silence.put("until", until);
            silence.put("by", by);
            silence.put("why", why);
            String answer = api.post(PATH, Json.text(silence));
            Map<String, Object> made = Json.object(answer);
            System.out.println(asJson() ? answer : made.get("id") + ": until " + made.get("until"));
            return 0;
        }

        private Map<String, Object> match() {
            Map<String, Object> match = new LinkedHashMap<>();
            for (String written : matches) {
                int equals = written.indexOf('=');
                if (equals <= 0) {
                    throw new CommandFailure(
                            InferwatchCommand.USAGE,
                            "\"" + written + "\" is no NAME=VALUE; write it like model=canary-*");
                }
                match.put(
                        written.substring(0, equals),
                        List.of(written.substring(equals + 1).split(",", -1)));
            }
            return match;
        }
    }

    /** {@code silence list}. */
    @Command(name = "list", description = "Silences of operators and of the rules file.")
    static final class ListAll extends ClientCommand {
        @Override
        int run(ApiClient api) {
            String answer = api.get(PATH, List.of());
            if (asJson()) {
                System.out.println(answer);
                return 0;
            }
            List<Map<String, Object>> silences = Json.objects(Json.object(answer), "silences");
            Table table = new Table("ID", "STATE", "MATCH", "UNTIL", "BY", "WHY");
            for (Map<String, Object> silence : silences) {
                table.row(
                        cell(silence.get("id")),
                        cell(silence.get("state")),
                        cell(silence.get("match")),
                        cell(silence.get("until")),
                        cell(silence.get("by")),
                        cell(silence.get("why")));
            }
            System.out.print(silences.isEmpty() ? "no silences\n" : table.toString());
            return 0;
        }
    }

    /** {@code silence expire ID}. */
    @Command(name = "expire", description = "Ends a silence an operator made.")
    static final class Expire extends ClientCommand {
        @Parameters(paramLabel = "ID", description = "the id that silence list shows")
        String id = "";

        @Override
        int run(ApiClient api) {
            api.delete(PATH + "/" + URLEncoder.encode(id, StandardCharsets.UTF_8));
            System.out.println(asJson() ? Json.text(Map.of("id", id, "state", "expired")) : id + ": ended");
            return 0;
        }
    }
}
