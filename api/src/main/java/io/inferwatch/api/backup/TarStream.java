package io.inferwatch.api.backup;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/** A tar that is made while it is read: each file is opened when its turn has come. */
final class TarStream {
    /** Opens one file. */
    @FunctionalInterface
    interface Source {
        InputStream open() throws IOException;
    }

    private final List<Supplier<InputStream>> pieces = new ArrayList<>();
    private final long madeEpochSeconds;

    TarStream(Instant madeAt) {
        this.madeEpochSeconds = madeAt.getEpochSecond();
    }

    /** @param source has exactly as many bytes as the header says, or the tar cannot be read */
    void add(TarHeader header, Source source) {
        pieces.add(() -> new ByteArrayInputStream(header.encode(madeEpochSeconds)));
        pieces.add(() -> opened(source));
        pieces.add(() -> new ByteArrayInputStream(new byte[header.padding()]));
    }

    private static InputStream opened(Source source) {
        try {
            return source.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InputStream read() {
        List<Supplier<InputStream>> all = new ArrayList<>(pieces);
        all.add(() -> new ByteArrayInputStream(new byte[2 * TarHeader.BLOCK]));
        return new SequenceInputStream(Collections.enumeration(new LazyList(all)));
    }

    /** Opens as it is asked, one after the other. */
    private static final class LazyList extends java.util.AbstractList<InputStream> {
        private final List<Supplier<InputStream>> suppliers;

        LazyList(List<Supplier<InputStream>> suppliers) {
            this.suppliers = suppliers;
        }

        @Override
        public InputStream get(int index) {
            return suppliers.get(index).get();
        }

        @Override
        public int size() {
            return suppliers.size();
        }
    }
}
