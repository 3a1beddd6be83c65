package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.system.support.Launcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/**
 * What stands under {@code deploy/}: units, alerts, dashboard and chart are read by the tools made for them. Those that are not
 * here are named in what this prints.
 */
class DeployFilesTest {

    @Test
    void whatCanBeTried_isRight() throws IOException, InterruptedException {
        Process check = new ProcessBuilder("sh", "deploy/check.sh")
                .directory(Launcher.root().toFile())
                .redirectErrorStream(true)
                .start();
        String told = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        told.lines().filter(line -> line.startsWith("not run")).forEach(System.out::println);

        assertThat(check.waitFor()).as(told).isZero();
        assertThat(told).contains("ok       dist.sh: syntax").doesNotContain("WRONG");
    }
}
