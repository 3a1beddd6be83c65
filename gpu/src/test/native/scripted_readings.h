/* What scripted_nvml.c tells beyond levels: fields, counters, health, GPM. The state and its script lines. */

typedef struct { unsigned field_id, scope_id; int64_t timestamp, latency; int value_type, ret; union { double d; unsigned u; uint64_t ull; } value; } field_value_t;
typedef struct { unsigned version; int margin; } margin_t;
typedef struct { unsigned version; int sensor, temperature; } temperature_t;
typedef struct {
    unsigned version;
    uint64_t aggregate[3], volatile_parity, volatile_sec_ded, volatile_corrected, bucket[5];
    unsigned threshold_exceeded;
} sram_t;
typedef struct { uint64_t reference_us, violation_ns; } violation_t;
typedef struct { unsigned version, supported; } gpm_support_t;
typedef struct { unsigned id; int ret; double value; const char *short_name, *long_name, *unit; } gpm_metric_t;
typedef struct { unsigned version, count; void *sample1, *sample2; gpm_metric_t metrics[333]; } gpm_get_t;

enum { MAX_FIELDS = 128, MAX_GPM = 128, WHOLE = -1, ALL_SCOPES = -1 };

typedef struct { int id, type, ret; unsigned scope; double d; uint64_t number; } field_t;
typedef struct { int id, ret, instance; double value; } gpm_t; /* instance: of MIG, or WHOLE */

typedef struct {
    int margin_c, sram_threshold, gpm_supported, rows_pending, rows_failed;
    unsigned rows_corrected, rows_uncorrected, replays, pages_pending, pcie_generation, pcie_width;
    uint64_t energy_mj, reasons, ecc_corrected, ecc_uncorrected, sram_parity, sram_sec_ded, sram_corrected, violation_ns;
    int fields, metrics;
    field_t field[MAX_FIELDS];
    gpm_t metric[MAX_GPM];
} readings_t;

static void put_field(readings_t *readings, field_t field, void (*bad)(const char *)) {
    int i = 0; /* a later line for the same field replaces the earlier one */
    while (i < readings->fields && (readings->field[i].id != field.id || readings->field[i].scope != field.scope)) i++;
    if (i == MAX_FIELDS) { bad("too many fields"); return; }
    if (i == readings->fields) readings->fields++;
    readings->field[i] = field;
}

static void put_gpm(readings_t *readings, gpm_t metric, void (*bad)(const char *)) {
    int i = 0;
    while (i < readings->metrics && (readings->metric[i].id != metric.id || readings->metric[i].instance != metric.instance)) i++;
    if (i == MAX_GPM) { bad("too many GPM metrics"); return; }
    if (i == readings->metrics) readings->metrics++;
    readings->metric[i] = metric;
}

/* A data-centre card on which nothing has ever gone wrong; no retired pages, as on every card since Ampere. */
static void readings_defaults(readings_t *to) {
    static const int zero64[] = {3, 4, 38, 45, 52, 59, 74, 76, 77, 79, 269, 270, 271};
    static const int zero32[] = {94, 142, 143, 144, 145};
    to->margin_c = 32, to->pcie_generation = 5, to->pcie_width = 16;
    for (unsigned i = 0; i < sizeof zero64 / sizeof *zero64; i++) put_field(to, (field_t){.id = zero64[i], .type = 3}, NULL);
    for (unsigned i = 0; i < sizeof zero32 / sizeof *zero32; i++) put_field(to, (field_t){.id = zero32[i], .type = 1}, NULL);
    put_field(to, (field_t){.id = 82, .type = 1, .number = 62}, NULL);
    put_field(to, (field_t){.id = 83, .type = 3, .number = 1000}, NULL);
    put_field(to, (field_t){.id = 138, .type = 3, .scope = 0xffffffffu}, NULL);
    put_field(to, (field_t){.id = 139, .type = 3, .scope = 0xffffffffu}, NULL);
    put_field(to, (field_t){.id = 197, .type = 3}, NULL);
    put_field(to, (field_t){.id = 198, .type = 3}, NULL);
}

static int set_reading(readings_t *to, const char *key, const char *value) {
#define READING(k) if (!strcmp(key, #k)) return to->k = (__typeof__(to->k))strtoll(value, NULL, 0), 1
    READING(margin_c); READING(sram_threshold); READING(rows_pending); READING(rows_failed); READING(gpm_supported);
    READING(rows_corrected); READING(rows_uncorrected); READING(replays); READING(pages_pending);
    READING(pcie_generation); READING(pcie_width);
    READING(energy_mj); READING(reasons); READING(ecc_corrected); READING(ecc_uncorrected);
    READING(sram_parity); READING(sram_sec_ded); READING(sram_corrected); READING(violation_ns);
    return 0;
}

static field_t parse_field(char *rest, void (*bad)(const char *)) {
    field_t field = {.type = 3};
    char *next, *word = rest ? strtok_r(rest, " \t", &next) : NULL;
    if (!word) { bad("field"); return field; }
    char *at = strchr(word, '@');
    field.id = atoi(word);
    if (at) field.scope = strcmp(at + 1, "all") ? (unsigned)strtoul(at + 1, NULL, 0) : 0xffffffffu;
    while ((word = strtok_r(NULL, " \t", &next))) {
        if (!strncmp(word, "ret=", 4)) field.ret = atoi(word + 4);
        else if (!strcmp(word, "u32")) field.type = 1;
        else if (!strcmp(word, "u64")) field.type = 3;
        else if (!strcmp(word, "double")) field.type = 0;
        else field.d = strtod(word, NULL), field.number = strtoull(word, NULL, 0);
    }
    return field;
}

static gpm_t parse_gpm(char *rest, void (*bad)(const char *)) {
    gpm_t metric = {.instance = WHOLE};
    char *next, *word = rest ? strtok_r(rest, " \t", &next) : NULL, *value = word ? strtok_r(NULL, " \t", &next) : NULL;
    if (!value) { bad("gpm"); return metric; }
    metric.id = atoi(word);
    if (!strncmp(value, "ret=", 4)) metric.ret = atoi(value + 4);
    else metric.value = strtod(value, NULL);
    while ((word = strtok_r(NULL, " \t", &next))) {
        if (!strncmp(word, "gi=", 3)) metric.instance = atoi(word + 3);
        else bad(word);
    }
    return metric;
}
