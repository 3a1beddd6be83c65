package io.inferwatch.collector.push;

import io.inferwatch.collector.catalogue.NearestName;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The fields a kind of record may have. Immutable once made.
 *
 * @param <B> what the fields are collected in
 */
final class RecordSchema<B> {
    /** Takes the value the reader stands at. */
    interface Taking<B> {
        void take(String field, FieldReader value, B into) throws MalformedRecordException, RefusedRecordException;
    }

    /** @param bit tells the fields of a record apart, so that one that comes twice is seen */
    record Field<B>(String name, long bit, Taking<B> taking) {}

    private final Map<String, Field<B>> fields;

    private RecordSchema(Map<String, Field<B>> fields) {
        this.fields = new HashMap<>(fields);
        this.names = fields.keySet().stream().toList();
    }

    private final Iterable<String> names;

    @Nullable Field<B> field(String name) {
        return fields.get(name);
    }

    Optional<String> nearestName(String name) {
        return NearestName.among(names, name);
    }

    static final class Builder<B> {
        private final Map<String, Field<B>> fields = new LinkedHashMap<>();

        Builder<B> field(String name, Taking<B> taking) {
            if (fields.size() == Long.SIZE || fields.containsKey(name)) {
                throw new IllegalStateException("field " + name + " is there twice, or one too many");
            }
            fields.put(name, new Field<>(name, 1L << fields.size(), taking));
            return this;
        }

        RecordSchema<B> build() {
            return new RecordSchema<>(fields);
        }
    }
}
