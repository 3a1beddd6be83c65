package io.inferwatch.api;

import io.inferwatch.api.cli.InferwatchCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The program: hands its arguments to the command line and ends with its exit code. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        // A unit, a pod and cron have no locale: what is printed would be cut down to ASCII there.
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        System.exit(InferwatchCommand.execute(args));
    }
}
