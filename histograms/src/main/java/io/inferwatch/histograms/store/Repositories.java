package io.inferwatch.histograms.store;

import io.micronaut.context.ApplicationContext;
import io.micronaut.context.ApplicationContextConfiguration;
import io.micronaut.context.DefaultApplicationContext;
import io.micronaut.data.jdbc.config.DataJdbcConfiguration;
import io.micronaut.data.model.query.builder.sql.Dialect;
import io.micronaut.inject.BeanDefinitionReference;
import io.micronaut.inject.qualifiers.Qualifiers;
import io.micronaut.transaction.TransactionOperations;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The repositories over one data source, and the transactions they join. They live in a bean context of their own that
 * sees nothing but Micronaut Data and this package: so the store needs no framework around it, and none of the beans of
 * a program around it is started twice.
 */
record Repositories(
        ApplicationContext context,
        TransactionOperations<Connection> transactions,
        SeriesRows series,
        RecentRows recent,
        BlockRows blocks,
        ProgressRows progress,
        ResolutionRows resolutions)
        implements AutoCloseable {

    static Repositories over(DataSource dataSource, DatabaseKind kind) {
        ApplicationContext context = new DataContext();
        context.registerSingleton(DataSource.class, dataSource, Qualifiers.byName("default"));
        DataJdbcConfiguration settings = new DataJdbcConfiguration("default");
        settings.setDialect(kind.choose(Dialect.H2, Dialect.POSTGRES));
        context.registerSingleton(DataJdbcConfiguration.class, settings, Qualifiers.byName("default"));
        context.start();
        @SuppressWarnings("unchecked")
        TransactionOperations<Connection> transactions =
                context.getBean(TransactionOperations.class, Qualifiers.byName("default"));
        return new Repositories(
                context,
                transactions,
                context.getBean(kind.choose(SeriesRows.H2.class, SeriesRows.Postgres.class)),
                context.getBean(kind.choose(RecentRows.H2.class, RecentRows.Postgres.class)),
                context.getBean(kind.choose(BlockRows.H2.class, BlockRows.Postgres.class)),
                context.getBean(kind.choose(ProgressRows.H2.class, ProgressRows.Postgres.class)),
                context.getBean(kind.choose(ResolutionRows.H2.class, ResolutionRows.Postgres.class)));
    }

    @Override
    public void close() {
        context.close();
    }

    /** Reads no configuration, no environment and no bean of other packages. */
    @SuppressWarnings("overrides")
    private static final class DataContext extends DefaultApplicationContext {
        private static final List<String> PACKAGES = List.of(
                Repositories.class.getPackageName() + ".",
                "io.micronaut.data.",
                "io.micronaut.transaction.",
                "io.micronaut.context.event.",
                "io.micronaut.inject.",
                "io.micronaut.aop.");

        DataContext() {
            super(new Quiet());
        }

        @Override
        @SuppressWarnings("rawtypes")
        protected List<BeanDefinitionReference> resolveBeanDefinitionReferences() {
            List<BeanDefinitionReference> seen = new ArrayList<>();
            for (BeanDefinitionReference reference : super.resolveBeanDefinitionReferences()) {
                String name = reference.getBeanDefinitionName();
                if (PACKAGES.stream().anyMatch(name::startsWith)) {
                    seen.add(reference);
                }
            }
            return seen;
        }
    }

    private static final class Quiet implements ApplicationContextConfiguration {
        @Override
        public List<String> getEnvironments() {
            return List.of();
        }

        @Override
        public Optional<Boolean> getDeduceEnvironments() {
            return Optional.of(false);
        }

        @Override
        public boolean isEnableDefaultPropertySources() {
            return false;
        }

        @Override
        public boolean isEnvironmentPropertySource() {
            return false;
        }

        @Override
        public boolean isBannerEnabled() {
            return false;
        }

        @Override
        public Boolean isBootstrapEnvironmentEnabled() {
            return false;
        }

        @Override
        public ClassLoader getClassLoader() {
            return Repositories.class.getClassLoader();
        }
    }
}
