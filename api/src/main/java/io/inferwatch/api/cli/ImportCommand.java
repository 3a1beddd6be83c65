package io.inferwatch.api.cli;

import io.inferwatch.rules.load.ReceiverChecker;
import io.inferwatch.rules.load.RuleLoader;
import io.inferwatch.rules.prometheus.PrometheusImport;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inferwatch import prometheus FILE}. */
@Command(
        name = "import",
        description = "Translates rules written for something else.",
        subcommands = ImportCommand.Prometheus.class)
final class ImportCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions options = new GlobalOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "say what from: inferwatch import prometheus FILE");
    }

    /** The rules go to standard output, and what was refused and why to standard error. */
    @Command(
            name = "prometheus",
            description =
                    "Prints the alert rules of a Prometheus file as a rules file; names what it refuses, with its line.")
    static final class Prometheus implements Callable<Integer> {
        @Mixin
        GlobalOptions options = new GlobalOptions();

        @Parameters(paramLabel = "FILE", description = "a rules file of Prometheus, or a PrometheusRule")
        Path file = Path.of("");

        @Override
        public Integer call() {
            PrometheusImport.Result result = new PrometheusImport(new RuleLoader(Set.of(), ReceiverChecker.NONE))
                    .translate(file.toString(), read());
            if (options.isJson()) {
                System.out.println(json(result));
            } else {
                System.out.print(result.yaml());
                for (Problem problem : result.problems()) {
                    System.err.println((problem.warning() ? "warning: " : "") + problem);
                }
                System.err.println(result.translated() + " translated, " + result.refused() + " refused");
            }
            return result.problems().stream().allMatch(Problem::warning) ? 0 : InferwatchCommand.WRONG;
        }

        private static String json(PrometheusImport.Result result) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("translated", result.translated());
            answer.put("refused", result.refused());
            answer.put(
                    "problems",
                    result.problems().stream().map(CheckCommand::asMap).toList());
            answer.put("rules", result.yaml());
            return Json.text(answer);
        }

        private String read() {
            try {
                if (Files.size(file) > YamlReader.MAX_BYTES) {
                    throw new CommandFailure(
                            InferwatchCommand.WRONG,
                            file + ": a file may have at most " + YamlReader.MAX_BYTES + " bytes; split it");
                }
                Problems problems = new Problems();
                return YamlReader.decode(file.toString(), Files.readAllBytes(file), problems)
                        .orElseThrow(() -> new CommandFailure(
                                InferwatchCommand.WRONG,
                                problems.list().getFirst().toString()));
            } catch (IOException e) {
                throw new CommandFailure(InferwatchCommand.USAGE, file + " cannot be read: " + e);
            }
        }
    }
}
