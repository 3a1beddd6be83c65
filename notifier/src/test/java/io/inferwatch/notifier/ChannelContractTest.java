package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Secret;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.channel.Situation.Member;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers.Instead;
import io.inferwatch.notifier.testing.Yaml;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every channel owes the pipeline, whatever the receiver answers. */
class ChannelContractTest {
    private Sidecar sidecar;

    @BeforeEach
    void start(@TempDir Path folder) {
        sidecar = new Sidecar(folder);
    }

    @AfterEach
    void stop() {
        sidecar.close();
    }

    private List<Receiver> all() {
        return List.of(
                sidecar.pagerDuty("pd", Map.of()),
                sidecar.slack("slack", Map.of()),
                sidecar.hook("S3CR3T-hook"),
                sidecar.webhook("S3CR3T-web"));
    }

    private Delivery deliver(Receiver receiver, Situation situation) throws Secret.Unreadable {
        Channel channel = sidecar.types().create(receiver).orElseThrow();
        Notice notice = new Notice(
                new io.inferwatch.notifier.channel.Notification.Opened(situation),
                "key",
                receiver.name(),
                Optional.empty(),
                false);
        return channel.deliver(notice, channel.endpoint(Optional.empty()));
    }

    private static Situation situation(String text) {
        Member member = new Member("id", LabelSet.of("model", text), Tier.P1, text, text, List.of(text, text, text));
        return new Situation(
                "host",
                "rule",
                Tier.P1,
                LabelSet.of("model", text),
                LabelSet.of("model", text, "team", text),
                text,
                text,
                Optional.of("https://runbooks.example/x|<!channel>"),
                Instant.EPOCH,
                true,
                java.util.Collections.nCopies(20, member),
                200,
                "digest",
                text,
                text);
    }

    @Test
    void everyStatusHasItsOutcome_andNoneShowsASecret() throws Secret.Unreadable {
        for (Receiver receiver : all()) {
            for (int status : List.of(301, 400, 401, 403, 404, 408, 410, 429, 500, 502, 503)) {
                sidecar.receivers.instead.clear();
                sidecar.receivers.instead.add(
                        new Instead(status, "S3CR3T 0123456789abcdef0123456789abcdef", "", false));
                Delivery delivery = deliver(receiver, situation("slow"));
                boolean later = status == 408 || status == 429 || status >= 500;
                assertThat(delivery)
                        .as("%s, status %d", receiver.type(), status)
                        .isInstanceOf(later ? Delivery.RetryLater.class : Delivery.Rejected.class);
                assertThat(delivery.toString()).doesNotContain("xoxb-", "0123456789abcdef0123456789abcdef", "/hook/");
            }
            sidecar.receivers.instead.add(new Instead(0, "", "", false));
            assertThat(deliver(receiver, situation("slow")))
                    .isInstanceOfSatisfying(
                            Delivery.RetryLater.class,
                            later -> assertThat(later.mayHaveArrived()).isTrue());
        }
    }

    @Test
    void hostileAndHugeTextIsTaken_withinEveryLimit() throws Secret.Unreadable {
        List<String> texts = Stream.of("<!channel> & <@U123> ``` *x* ", "🔥", "\u0000\u202e\"\\", "P0 ", "x", "<")
                .map(text -> text.repeat(3000 / text.length()))
                .toList();
        for (Receiver receiver : all()) {
            for (String text : texts) {
                assertThat(deliver(receiver, situation(text)))
                        .as(receiver.type())
                        .isInstanceOf(Delivery.Delivered.class);
            }
        }
        assertThat(sidecar.receivers.faults).isEmpty();
    }

    @Test
    void wrongSettingsAreNamedWithTheirPlace() {
        Problems problems = new Problems();
        ChannelTypes types = sidecar.types();
        types.check(sidecar.pagerDuty("pd", Map.of("regoin", "us", "routing_key", "short")), problems);
        types.check(sidecar.slack("slack", Map.of("api_url", "http://169.254.169.254/", "mention", "bob")), problems);
        types.check(Yaml.receiver("hook", "webhook", Map.of()), problems);
        types.check(Yaml.receiver("mail", "email", Map.of()), problems);
        assertThat(problems.list().stream().map(Problem::toString))
                .anySatisfy(text ->
                        assertThat(text).contains("rules.yml:7:5 receivers.pd.regoin", "did you mean \"region\"?"))
                .anySatisfy(text -> assertThat(text).contains("receivers.pd.routing_key", "32 characters, this has 5"))
                .anySatisfy(text -> assertThat(text).contains("receivers.slack.api_url", "only https is allowed"))
                .anySatisfy(text -> assertThat(text).contains("receivers.slack.mention", "bob"))
                .anySatisfy(text -> assertThat(text).contains("receivers.hook", "needs \"url\""))
                .anySatisfy(text -> assertThat(text).contains("unknown receiver type \"email\""))
                .hasSize(6);
        Problems none = new Problems();
        all().forEach(receiver -> types.check(receiver, none));
        assertThat(none.list()).isEmpty();
    }
}
