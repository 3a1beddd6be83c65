package io.inferwatch.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AckFormTest {
    @Test
    void nothingIsEnough() {
        assertThat(AckForm.read("")).isEqualTo(new AckForm("api", false));
        assertThat(AckForm.read("{}")).isEqualTo(new AckForm("api", false));
    }

    @Test
    void whoAndWhetherItIsNormalNow() {
        assertThat(AckForm.read("{\"by\": \"ada\", \"new_normal\": true}")).isEqualTo(new AckForm("ada", true));
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThatThrownBy(() -> AckForm.read("{\"new_normal\": \"yes\"}")).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> AckForm.read("{\"new_norml\": true}")).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> AckForm.read("{\"by\": \" \"}")).hasMessageContaining("1 to 200 characters");
    }
}
