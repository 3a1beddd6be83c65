package io.inferwatch.api.app;

import io.inferwatch.gpu.GpuIdentity;
import io.inferwatch.gpu.GpuProbe;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertListener;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.GpuWindow;
import io.inferwatch.rules.Rule.OnFire;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.book.RuleBook;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Has the GPUs read faster where the rule of an alert that opens asks for it. The {@code tick} thread; no I/O. */
final class BurstDesk implements AlertListener {
    private final AlertListener next;
    private final RuleBook rules;
    private final GpuProbe gpus;

    BurstDesk(AlertListener next, RuleBook rules, GpuProbe gpus) {
        this.next = next;
        this.rules = rules;
        this.gpus = gpus;
    }

    @Override
    public void onTick(TickResult result) {
        for (AlertTransition transition : result.transitions()) {
            if (transition instanceof AlertTransition.Opened(Alert alert, var at) && asksForBurst(alert)) {
                gpus.burst(alert.id(), of(alert));
            }
        }
        next.onTick(result);
    }

    private boolean asksForBurst(Alert alert) {
        return rules.current()
                .rule(alert.key().rule())
                .flatMap(rule -> rule.onFire())
                .filter(OnFire.GPU_BURST::equals)
                .isPresent();
    }

    /** Its own GPU, those of its server, else all. */
    private static Predicate<GpuIdentity> of(Alert alert) {
        Optional<String> uuid = alert.labels().get("uuid");
        Optional<String> index = alert.labels().get("gpu");
        if (uuid.isPresent()) {
            return gpu -> gpu.uuid().equals(uuid.get());
        }
        if (index.isPresent()) {
            return gpu -> Integer.toString(gpu.index()).equals(index.get());
        }
        Set<String> own = alert.gpus().stream().map(GpuWindow::uuid).collect(Collectors.toSet());
        return own.isEmpty() ? gpu -> true : gpu -> own.contains(gpu.uuid());
    }
}
