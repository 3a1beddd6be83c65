package io.inferwatch.notifier.console;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.ReceiverSettings;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.yaml.Problems;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Set;

/** Receivers of type {@code console}; they have no settings. */
public final class ConsoleFactory implements Channel.Factory {
    private final PrintStream out;
    private final InstantSource clock;

    public ConsoleFactory(PrintStream out, InstantSource clock) {
        this.out = out;
        this.clock = clock;
    }

    @Override
    public String type() {
        return "console";
    }

    @Override
    public void check(Receiver receiver, Problems problems) {
        new ReceiverSettings(receiver, name -> null).checkKeys(Set.of(), problems);
    }

    @Override
    public Channel create(Receiver receiver) {
        return new ConsoleChannel(out, clock);
    }
}
