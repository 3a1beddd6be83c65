package io.inferwatch.api.cli;

import io.inferwatch.collector.catalogue.NearestName;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What was wrong with a command line, in two lines: what, with the name that was probably meant, and where help is. */
final class UsageErrors implements IParameterExceptionHandler {

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        PrintWriter err = command.getErr();
        err.println("inferwatch: "
                + (e instanceof UnmatchedArgumentException unmatched
                        ? unknown(unmatched.getUnmatched(), command)
                        : e.getMessage()));
        err.println("`" + name + " --help` shows what it takes");
        return InferwatchCommand.USAGE;
    }

    /** The first of them: what follows an option that is not known is most often its value. */
    private static String unknown(List<String> unmatched, CommandLine command) {
        String first = unmatched.getFirst();
        String word = first.contains("=") ? first.substring(0, first.indexOf('=')) : first;
        boolean isOption = word.startsWith("-");
        Set<String> known = isOption ? options(command) : commands(command);
        String what = isOption ? "option" : known.isEmpty() ? "argument" : "command";
        String hint = NearestName.among(known, word)
                .map(nearest -> "; did you mean \"" + nearest + "\"?")
                .orElse(known.isEmpty() || isOption ? "" : "; there are " + String.join(", ", known));
        return "unknown " + what + " \"" + word + "\"" + hint;
    }

    private static Set<String> options(CommandLine command) {
        return command.getCommandSpec().options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> commands(CommandLine command) {
        return command.getSubcommands().entrySet().stream()
                .filter(one -> !one.getValue().getCommandSpec().usageMessage().hidden())
                .map(one -> one.getKey())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
