package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifecycleTest {

    @Test
    void steps_runNewestFirst_andOnce_alsoPastAFailure() {
        List<String> stopped = new ArrayList<>();
        Lifecycle lifecycle = new Lifecycle();
        lifecycle.onStop("first", () -> stopped.add("first"));
        lifecycle.onStop("second", () -> {
            throw new IllegalStateException("will not stop");
        });
        lifecycle.onStop("third", () -> stopped.add("third"));
        lifecycle.close();
        lifecycle.close();
        assertThat(stopped).containsExactly("third", "first");
    }
}
