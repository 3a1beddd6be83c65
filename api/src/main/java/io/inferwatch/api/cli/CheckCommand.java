package io.inferwatch.api.cli;

import io.inferwatch.api.app.RulesSetup;
import io.inferwatch.api.config.Configuration;
import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.rules.book.RuleFiles;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inferwatch check FILE…}: rules and their inline tests, before anything runs with them. Reads no secret. */
@Command(name = "check", description = "Checks rules and configuration and runs the inline tests.")
final class CheckCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions options = new GlobalOptions();

    @Option(names = "--print", description = "print the merged rule set as one rules file, secrets hidden")
    boolean print;

    @Parameters(
            paramLabel = "FILE",
            description = "files of rules or configuration; none: the rules of the configuration")
    List<String> files = new ArrayList<>();

    @Override
    public Integer call() {
        List<Path> ofConfiguration = files.stream()
                .map(Path::of)
                .filter(ConfigurationCheck::isConfiguration)
                .toList();
        if (ofConfiguration.isEmpty()) {
            return checkRules();
        }
        int code = ofConfiguration.stream()
                .mapToInt(this::checkConfiguration)
                .max()
                .orElse(0);
        files.removeIf(file -> ofConfiguration.contains(Path.of(file)));
        return files.isEmpty() ? code : Math.max(code, checkRules());
    }

    private int checkConfiguration(Path file) {
        List<String> wrong = ConfigurationCheck.problems(file);
        if (options.isJson()) {
            List<Map<String, Object>> items = wrong.stream()
                    .map(message -> Map.<String, Object>of("severity", "error", "message", message))
                    .toList();
            System.out.println(json(wrong.isEmpty(), List.of(file.toString()), items));
            return wrong.isEmpty() ? 0 : InferwatchCommand.WRONG;
        }
        wrong.forEach(System.out::println);
        if (wrong.isEmpty()) {
            System.out.println("ok: " + file);
        }
        return wrong.isEmpty() ? 0 : InferwatchCommand.WRONG;
    }

    private int checkRules() {
        Configuration configuration = InferwatchCommand.configuration(options);
        ModuleConfigs configs = ModuleConfigs.of(configuration);
        RulesSetup setup = RulesSetup.of(configuration, configs, System.getenv(), InstantSource.system());
        List<String> locations = files.isEmpty() ? List.of(configuration.text("rules.file")) : files;
        Problems problems = new Problems();
        List<RuleFile> texts = read(locations, problems);
        if (!problems.hasErrors()) {
            setup.book().check(texts).forEach(problems::add);
        }
        if (options.isJson()) {
            System.out.println(json(locations, problems));
            return problems.hasErrors() ? InferwatchCommand.WRONG : 0;
        }
        // What is printed can be piped: then the words about it go elsewhere.
        PrintStream words = print ? System.err : System.out;
        problems.list().forEach(problem -> words.println((problem.warning() ? "warning: " : "") + problem));
        if (problems.hasErrors()) {
            return InferwatchCommand.WRONG;
        }
        if (print) {
            System.out.print(setup.book().print(texts));
        }
        words.println("ok: " + String.join(" ", locations));
        return 0;
    }

    /** For a build that marks lines: every problem with its place. */
    private static String json(List<String> locations, Problems problems) {
        return json(
                !problems.hasErrors(),
                locations,
                problems.list().stream().map(CheckCommand::asMap).toList());
    }

    static Map<String, Object> asMap(Problem problem) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("severity", problem.warning() ? "warning" : "error");
        item.put("file", problem.position().file());
        item.put("line", problem.position().line());
        item.put("column", problem.position().column());
        item.put("path", problem.path());
        item.put("message", problem.message());
        problem.hint().ifPresent(hint -> item.put("hint", hint));
        return item;
    }

    private static String json(boolean isRight, List<String> files, List<Map<String, Object>> problems) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ok", isRight);
        answer.put("files", files);
        answer.put("problems", problems);
        return Json.text(answer);
    }

    private static List<RuleFile> read(List<String> locations, Problems problems) {
        List<RuleFile> texts = new ArrayList<>();
        for (String location : locations) {
            List<RuleFile> found = new RuleFiles(location).read(problems);
            if (found.isEmpty() && problems.list().stream().allMatch(Problem::warning)) {
                throw new CommandFailure(InferwatchCommand.USAGE, location + ": there is no such rules file");
            }
            texts.addAll(found);
        }
        return texts;
    }
}
