package io.inferwatch.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.api.access.Access;
import io.inferwatch.api.access.HostAllowList;
import io.inferwatch.api.access.Tokens;
import io.inferwatch.api.app.Live;
import io.inferwatch.api.config.ConfigReader;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlReader;
import io.micronaut.context.ApplicationContext;
import io.micronaut.web.router.Router;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class OpenApiTest {
    /** Served for people, not for programs, or a second name of a route that is described. */
    private static final Set<String> UNDESCRIBED = Set.of(
            "GET /",
            "GET /ui/{+name}",
            "GET /docs",
            "GET /docs/{name}",
            "GET /openapi.yml",
            "GET /-/healthy",
            "GET /-/ready");

    private static Set<String> described() throws IOException {
        try (InputStream in = OpenApiTest.class.getResourceAsStream("/io/inferwatch/api/openapi.yml")) {
            assertThat(in).isNotNull();
            Problems problems = new Problems();
            Mapping root =
                    YamlReader.read("openapi.yml", in.readAllBytes(), problems).orElseThrow();
            assertThat(problems.list()).isEmpty();
            Set<String> operations = new TreeSet<>();
            Mapping paths = (Mapping) root.get("paths").orElseThrow();
            paths.entries()
                    .forEach((path, entry) -> ((Mapping) entry.value())
                            .entries()
                            .keySet()
                            .forEach(method -> operations.add(method.toUpperCase(Locale.ROOT) + " " + path)));
            return operations;
        }
    }

    private static Set<String> routed() {
        Access access = new Access(
                new Tokens(Optional.empty(), Optional.empty(), "admin"),
                new HostAllowList("127.0.0.1", List.of()),
                Optional.empty());
        try (ApplicationContext context = ApplicationContext.builder()
                .deduceEnvironment(false)
                .properties(Map.of("micronaut.executors.http.type", "fixed", "micronaut.executors.http.n-threads", 1))
                .singletons(access, new Live(), ConfigReader.read(Optional.empty(), Map.of(), Map.of()))
                .start()) {
            return context.getBean(Router.class)
                    .uriRoutes()
                    .map(route -> route.getHttpMethodName() + " "
                            + route.getUriMatchTemplate().toPathString())
                    .filter(route -> !route.startsWith("HEAD") && !route.startsWith("OPTIONS"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void everyRoute_isDescribed_andNothingElse() throws IOException {
        Set<String> routed = routed();
        routed.removeAll(UNDESCRIBED);
        assertThat(routed).isEqualTo(described());
    }
}
