package io.inferwatch.histograms.store;

/**
 * The tables of one module and their migrations. Migrations only expand, so a release opens the data of a newer one.
 *
 * @param module names the history table, {@code flyway_<module>}
 * @param location folder on the class path with a folder {@code h2} and a folder {@code postgresql} of Flyway scripts
 * @param newestVersion the highest version among them: a database that has it is opened without looking at the scripts
 */
public record Schema(String module, String location, int newestVersion) {
    static final Schema STORE = new Schema("store", "db/migration", 2);

    public Schema {
        if (!module.matches("[a-z]+")) {
            throw new IllegalArgumentException("schema module \"" + module + "\" is not a word of a–z");
        }
    }

    String historyTable() {
        return "flyway_" + module;
    }
}
