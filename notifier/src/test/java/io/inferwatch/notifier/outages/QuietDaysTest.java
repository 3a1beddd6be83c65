package io.inferwatch.notifier.outages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Days on which nothing is wrong: traffic that follows the clock and ends at night but for a stray request, a second
 * server by day, a deploy a day, one request in two thousand failing. Nobody is paged. One day in every build; {@code
 * -Dquiet.days=7} for a week. The seed names the traffic.
 */
class QuietDaysTest {
    private static final double STRAY_PER_SECOND = 1 / 1200.0;

    @TempDir
    Path folder;

    private final long seed = SimulatedHost.TRAFFIC_SEED;
    private final int days = Integer.getInteger("quiet.days", 1);

    @Test
    void nobodyIsPagedOnQuietDays() {
        try (SimulatedHost host = new SimulatedHost(folder)) {
            ModelServer main = host.discover(new ModelServer("llama-a", "llama", 1, seed));
            ModelServer daytime = new ModelServer("llama-b", "llama", 1, seed + 1);
            ModelServer small = host.discover(new ModelServer("small-a", "small", 1, seed + 2));
            host.plug(new SimulatedGpu(0, main));
            host.plug(new SimulatedGpu(1, small));
            Instant end = host.now().plus(Duration.ofDays(days));
            while (host.now().isBefore(end)) {
                ZonedDateTime time = host.now().atZone(ZoneOffset.UTC);
                main.requestsPerSecond = rate(time, 1.2);
                daytime.requestsPerSecond = rate(time, 0.8);
                small.requestsPerSecond = rate(time, 0.3);
                scale(host, daytime, time);
                deploy(host, small, time);
                host.run(Duration.ofMinutes(1));
            }
            assertThat(host.pages()).as("seed %d: %s", seed, host.opened()).isEmpty();
            assertThat(host.opened().stream().filter(alert -> alert.startsWith("P2")))
                    .as("seed %d: %s", seed, host.opened())
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(host.opened()).as("seed %d", seed).noneMatch(alert -> alert.matches("P[01].*"));
            assertThat(host.sidecar.receivers.faults).as("seed %d", seed).isEmpty();
        }
    }

    /** Requests a second: the most at two in the afternoon, next to none from midnight to five. */
    private static double rate(ZonedDateTime time, double most) {
        double hour = time.getHour() + time.getMinute() / 60.0;
        if (hour < 5) {
            return STRAY_PER_SECOND;
        }
        double wave = Math.sin(Math.PI * (hour - 5) / 19);
        boolean isWeekend = time.getDayOfWeek().getValue() > 5;
        return most * wave * wave * (isWeekend ? 0.3 : 1) + STRAY_PER_SECOND;
    }

    /** Discovery tells of the second server from eight to eight. */
    private static void scale(SimulatedHost host, ModelServer daytime, ZonedDateTime time) {
        if (time.getMinute() == 0 && time.getHour() == 8) {
            host.discover(daytime);
        } else if (time.getMinute() == 0 && time.getHour() == 20) {
            host.withdraw(daytime);
        }
    }

    /** A server is taken out, replaced, brought back, and slow for two minutes while its cache is cold. */
    private static void deploy(SimulatedHost host, ModelServer server, ZonedDateTime time) {
        if (time.getHour() != 15) {
            return;
        }
        switch (time.getMinute()) {
            case 0 -> host.withdraw(server);
            case 1 -> server.isUp = false;
            case 3 -> {
                server.isUp = true;
                server.version = "v" + time.getDayOfYear();
                server.slowness = 2;
                host.discover(server);
                host.deployed(server);
            }
            case 5 -> server.slowness = 1;
            default -> {
                // Nothing is due.
            }
        }
    }
}
