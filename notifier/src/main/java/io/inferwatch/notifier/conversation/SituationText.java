package io.inferwatch.notifier.conversation;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.channel.Situation.Member;
import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** {@link Situation} as {@link Fields} and back. */
final class SituationText {
    private SituationText() {}

    static Fields write(Situation situation) {
        Fields fields = new Fields()
                .put("host", situation.host())
                .put("rule", situation.rule())
                .put("tier", situation.tier().name())
                .put("group", labels(situation.group()))
                .put("labels", labels(situation.labels()))
                .put("summary", situation.summary())
                .put("description", situation.description())
                .put("runbook", situation.runbook())
                .put("fired_at", situation.firedAt().toString())
                .put("stale", Boolean.toString(situation.stale()))
                .put("member_count", Integer.toString(situation.memberCount()))
                .put("members_digest", situation.membersDigest())
                .put("note", situation.note())
                .put("acked_by", situation.ackedBy());
        situation.members().forEach(member -> fields.put("member", member(member)));
        return fields;
    }

    static Situation read(Fields fields) {
        return new Situation(
                fields.get("host"),
                fields.get("rule"),
                Tier.valueOf(fields.get("tier")),
                labels(fields.nested("group")),
                labels(fields.nested("labels")),
                fields.get("summary"),
                fields.get("description"),
                fields.find("runbook"),
                Instant.parse(fields.get("fired_at")),
                Boolean.parseBoolean(fields.get("stale")),
                fields.all("member").stream()
                        .map(Fields::decode)
                        .map(SituationText::member)
                        .toList(),
                Integer.parseInt(fields.get("member_count")),
                fields.get("members_digest"),
                fields.get("note"),
                fields.find("acked_by").orElse(""));
    }

    static Fields labels(LabelSet labels) {
        Fields fields = new Fields();
        labels.asMap().forEach((name, value) -> fields.put("name", name).put("value", value));
        return fields;
    }

    static LabelSet labels(Fields fields) {
        List<String> pairs = new ArrayList<>();
        List<String> names = fields.all("name");
        List<String> values = fields.all("value");
        for (int i = 0; i < names.size(); i++) {
            pairs.add(names.get(i));
            pairs.add(values.get(i));
        }
        return LabelSet.of(pairs.toArray(String[]::new));
    }

    private static Fields member(Member member) {
        Fields fields = new Fields()
                .put("id", member.id())
                .put("labels", labels(member.labels()))
                .put("tier", member.tier().name())
                .put("value", member.value())
                .put("summary", member.summary());
        member.why().forEach(line -> fields.put("why", line));
        return fields;
    }

    private static Member member(Fields fields) {
        return new Member(
                fields.get("id"),
                labels(fields.nested("labels")),
                Tier.valueOf(fields.get("tier")),
                fields.get("value"),
                fields.get("summary"),
                fields.all("why"));
    }
}
