package io.inferwatch.api.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code inferwatch send-test RECEIVER}: one test message through the real channel. */
@Command(name = "send-test", description = "Sends one test message to a receiver.")
final class SendTestCommand extends ClientCommand {
    @Parameters(paramLabel = "RECEIVER", description = "a receiver of the rules file")
    String receiver = "";

    @Override
    int run(ApiClient api) {
        String name = URLEncoder.encode(receiver, StandardCharsets.UTF_8).replace("+", "%20");
        String answer = api.post("/api/v1/receivers/" + name + "/test", "{}");
        Map<String, Object> outcome = Json.object(answer);
        System.out.println(asJson() ? answer : receiver + ": " + outcome.get("outcome") + reason(outcome));
        return "delivered".equals(outcome.get("outcome")) ? 0 : InferwatchCommand.WRONG;
    }

    private static String reason(Map<String, Object> outcome) {
        return outcome.get("reason") == null
                ? ""
                : ": " + Table.safe(outcome.get("reason").toString());
    }
}
