package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.histograms.store.StoreException;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.server.types.files.StreamedFile;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.IOException;

/** All that the sidecar remembers, as one tar: unpacked, it is a data directory. */
@Controller("/api/v1/backup")
@ExecuteOn(HttpPool.NAME)
final class BackupController {
    private static final MediaType TAR = new MediaType("application/x-tar");

    private final Live live;

    BackupController(Live live) {
        this.live = live;
    }

    @Post
    @Consumes(MediaType.ALL)
    @Produces(MediaType.ALL)
    HttpResponse<StreamedFile> backup() {
        try {
            return HttpResponse.ok(new StreamedFile(live.parts().backups().take(), TAR));
        } catch (IllegalStateException busy) {
            throw new ProblemException(HttpStatus.CONFLICT, String.valueOf(busy.getMessage()));
        } catch (IOException | StoreException refused) {
            throw new ProblemException(HttpStatus.INSUFFICIENT_STORAGE, "the copy cannot be made: " + refused);
        }
    }
}
