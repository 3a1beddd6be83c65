package io.inferwatch.api.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An error answer in the form of RFC 9457. */
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        @Nullable String instance,
        @Nullable List<Item> errors) {
    public static final String MEDIA_TYPE = "application/problem+json";

    /** One thing wrong inside what was sent. */
    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Item(
            String detail,
            @Nullable String pointer,
            @Nullable Integer line,
            @Nullable Integer column,
            @Nullable String hint) {}

    /** @param detail names the thing, the value and the remedy */
    public static MutableHttpResponse<Problem> answer(HttpStatus status, String detail, @Nullable String instance) {
        return answer(status, detail, instance, null);
    }

    public static MutableHttpResponse<Problem> answer(
            HttpStatus status, String detail, @Nullable String instance, @Nullable List<Item> errors) {
        return HttpResponse.<Problem>status(status)
                .contentType(new MediaType(MEDIA_TYPE))
                .body(new Problem("about:blank", status.getReason(), status.getCode(), detail, instance, errors));
    }
}
