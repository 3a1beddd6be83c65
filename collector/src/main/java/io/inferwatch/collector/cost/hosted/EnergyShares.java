package io.inferwatch.collector.cost.hosted;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The energy of a meter handed down to those who used it. What a token needs by measurement is theirs by their tokens
 * (marginal); the rest, idling and what no token explains, by how long their requests were there. All that is handed down,
 * and what nobody was there to bear, add up to the meter.
 *
 * @param shares in the order of the users
 * @param unattributedMicrojoules what was drawn while nobody used it; then all of the meter
 */
public record EnergyShares(List<Share> shares, long unattributedMicrojoules) {
    private static final double MICROJOULES_PER_JOULE = 1e6;

    public EnergyShares {
        shares = List.copyOf(shares);
    }

    /**
     * Who may bear a part: a request, or all requests of a model.
     *
     * @param residencySeconds how long its requests were in the engine, summed
     */
    public record User(String name, TokenCount tokens, double residencySeconds) {
        public User {
            if (!Double.isFinite(residencySeconds) || residencySeconds < 0) {
                throw new IllegalArgumentException(name + " cannot have been there for " + residencySeconds + " s");
            }
        }
    }

    /**
     * @param marginalMicrojoules what its tokens needed; 0 where that was not measured
     * @param loadedMicrojoules that, and its part of the rest
     */
    public record Share(String name, long marginalMicrojoules, long loadedMicrojoules) {}

    /**
     * @param meterMicrojoules what the meter says, ≥ 0
     * @param coefficients what a token needs; empty where that could not be measured
     */
    public static EnergyShares of(
            long meterMicrojoules, List<User> users, Optional<EnergyFit.Coefficients> coefficients) {
        long[] marginal = marginal(meterMicrojoules, users, coefficients);
        long rest = meterMicrojoules;
        for (long each : marginal) {
            rest -= each;
        }
        double[] presence = presence(users);
        boolean isAnybodyThere = sum(presence) > 0;
        long[] extra = isAnybodyThere ? Apportionment.split(rest, presence) : new long[users.size()];
        List<Share> shares = new ArrayList<>();
        for (int i = 0; i < users.size(); i++) {
            shares.add(new Share(users.get(i).name(), marginal[i], marginal[i] + extra[i]));
        }
        return new EnergyShares(shares, isAnybodyThere ? 0 : rest);
    }

    /** Tokens cannot have needed more than was drawn: a fit that says so is scaled down. */
    private static long[] marginal(
            long meterMicrojoules, List<User> users, Optional<EnergyFit.Coefficients> coefficients) {
        double[] needed = new double[users.size()];
        for (int i = 0; i < needed.length && coefficients.isPresent(); i++) {
            needed[i] = coefficients.get().joules(users.get(i).tokens()) * MICROJOULES_PER_JOULE;
        }
        double sum = sum(needed);
        return sum > 0
                ? Apportionment.split(Math.min(meterMicrojoules, Math.round(sum)), needed)
                : new long[users.size()];
    }

    /** Those whose requests say no duration are there by their tokens, where nobody's do. */
    private static double[] presence(List<User> users) {
        double[] seconds = users.stream().mapToDouble(User::residencySeconds).toArray();
        return sum(seconds) > 0
                ? seconds
                : users.stream().mapToDouble(user -> user.tokens().total()).toArray();
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }
}
