package io.inferwatch.api.cli;

import io.inferwatch.api.config.ConfigException;
import io.inferwatch.api.config.ConfigReader;
import io.inferwatch.api.config.Configuration;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.Spec;

/** {@code inferwatch}: without a subcommand it runs the sidecar. */
@Command(
        name = "inferwatch",
        description = "Watches LLM inference servers and their GPUs.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionCommand.Version.class,
        subcommands = {
            RunCommand.class,
            ProxyCommand.class,
            DemoCommand.class,
            CheckCommand.class,
            BacktestCommand.class,
            ImportCommand.class,
            QueryCommand.class,
            AlertsCommand.class,
            AckCommand.class,
            SilenceCommand.class,
            GpusCommand.class,
            ExportCommand.class,
            BackupCommand.class,
            DoctorCommand.class,
            SendTestCommand.class,
            CompletionCommand.class,
            VersionCommand.class,
            TrainCommand.class
        })
public final class InferwatchCommand implements Callable<Integer> {
    /** Checked and found wrong. */
    static final int WRONG = 1;
    /** Usage or start-up error. */
    static final int USAGE = 2;
    /** Not available here, or the data directory is in use. */
    static final int NOT_HERE = 3;

    @Mixin
    GlobalOptions options = new GlobalOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** Runs one command line and gives its exit code. */
    public static int execute(String... args) {
        return commandLine()
                .setExecutionStrategy(InferwatchCommand::run)
                .setParameterExceptionHandler(new UsageErrors())
                .setExecutionExceptionHandler((e, commandLine, parsed) -> explain(e, commandLine.getErr()))
                .execute(args);
    }

    /** All commands, each with {@code --help}. */
    static CommandLine commandLine() {
        CommandLine all = new CommandLine(new InferwatchCommand())
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        addHelp(all);
        return all;
    }

    private static void addHelp(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        if (spec.findOption("--help") == null) {
            spec.addOption(OptionSpec.builder("-h", "--help")
                    .usageHelp(true)
                    .description("Show this help message and exit.")
                    .build());
        }
        command.getSubcommands().values().forEach(InferwatchCommand::addHelp);
    }

    /** {@code --port 9500 alerts} means what {@code alerts --port 9500} means. */
    private static int run(ParseResult parsed) {
        for (ParseResult from = parsed; from.hasSubcommand(); from = from.subcommand()) {
            for (ParseResult to = from; to.hasSubcommand(); to = to.subcommand()) {
                hand(from, to.subcommand());
            }
        }
        return new RunLast().execute(parsed);
    }

    /** Options of one command to one below it, where that knows them and was not given its own. */
    private static void hand(ParseResult from, ParseResult to) {
        for (OptionSpec given : from.matchedOptions()) {
            OptionSpec same = to.commandSpec().findOption(given.longestName());
            if (same != null && !to.hasMatchedOption(same)) {
                same.setValue(given.getValue());
            }
        }
    }

    private static int explain(Exception e, PrintWriter err) throws Exception {
        if (e instanceof CommandFailure failure) {
            err.println("inferwatch: " + failure.getMessage());
            return failure.exitCode();
        }
        if (e instanceof ConfigException config) {
            config.problems().forEach(problem -> err.println("inferwatch: " + problem));
            return USAGE;
        }
        if (e instanceof IOException || e instanceof UncheckedIOException) {
            err.println("inferwatch: " + e);
            return USAGE;
        }
        throw e;
    }

    @Override
    public Integer call() {
        return RunCommand.run(options);
    }

    /** The configuration these options ask for; warnings go to standard error. */
    static Configuration configuration(GlobalOptions options) {
        Configuration configuration = ConfigReader.read(
                Optional.ofNullable(options.configFile).map(Path::of), System.getenv(), options.asSettings());
        configuration.warnings().forEach(warning -> System.err.println("inferwatch: warning: " + warning));
        return configuration;
    }
}
