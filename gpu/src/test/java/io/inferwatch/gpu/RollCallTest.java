package io.inferwatch.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.GpuConfig.Expected;
import io.inferwatch.gpu.RollCall.Absence;
import io.inferwatch.gpu.RollCall.Attendance;
import java.util.List;
import org.junit.jupiter.api.Test;

class RollCallTest {
    private static final GpuIdentity A = new GpuIdentity(0, "GPU-a", "NVIDIA H200");
    private static final GpuIdentity B = new GpuIdentity(1, "GPU-b", "NVIDIA H200");
    private static final Diagnosis LOST = Diagnosis.lost(15);

    private static List<Absence> absent(Expected expected, List<GpuIdentity> seen, Attendance... attendances) {
        return RollCall.absent(expected, seen, List.of(attendances), Diagnosis.vanished(), Diagnosis.neverSeen());
    }

    private static GpuIdentity standIn(int index) {
        return new GpuIdentity(index, "unknown-" + index, "unknown");
    }

    @Test
    void nobodyIsMissing_whenAllAnswerForThemselves() {
        assertThat(absent(new Expected.Auto(), List.of(A, B), new Attendance.Present(A), new Attendance.Present(B)))
                .isEmpty();
    }

    @Test
    void gpuSeenOnceIsMissing_whenNobodyHasFoundIt() {
        assertThat(absent(new Expected.Auto(), List.of(A, B), new Attendance.Present(A)))
                .containsExactly(new Absence(B, Diagnosis.vanished()));
    }

    @Test
    void nobodyIsCalledVanished_whenAGpuHasNotYetSaidWhoItIs() {
        assertThat(absent(new Expected.Auto(), List.of(A, B), new Attendance.Present(A), new Attendance.Unsettled(1)))
                .isEmpty();
    }

    @Test
    void lostGpuIsMissingForItsReason_whenItIsNotBeingAsked() {
        assertThat(absent(new Expected.Auto(), List.of(A), new Attendance.Absent(A, LOST)))
                .containsExactly(new Absence(A, LOST));
    }

    @Test
    void namelessGpuIsTheOneLastSeenThere_whenThatOneIsNotFoundElsewhere() {
        assertThat(absent(
                        new Expected.Auto(),
                        List.of(A, B),
                        new Attendance.Present(A),
                        new Attendance.Nameless(1, LOST)))
                .containsExactly(new Absence(B, LOST));
    }

    @Test
    void namelessGpuGetsAStandIn_whenNobodyWasSeenThere() {
        assertThat(absent(new Expected.Auto(), List.of(A), new Attendance.Present(A), new Attendance.Nameless(1, LOST)))
                .containsExactly(new Absence(standIn(1), LOST));
    }

    @Test
    void gpuOfSomeoneElseIsNotMissing_always() {
        assertThat(absent(new Expected.Auto(), List.of(A), new Attendance.Present(A), new Attendance.NotOurs(1)))
                .isEmpty();
    }

    @Test
    void expectedCountIsFilledUp_whenFewerAreThere() {
        assertThat(absent(new Expected.Count(3), List.of(A), new Attendance.Present(A)))
                .containsExactly(
                        new Absence(standIn(1), Diagnosis.neverSeen()), new Absence(standIn(2), Diagnosis.neverSeen()));
    }

    @Test
    void vanishedGpuCountsTowardsTheExpected_always() {
        assertThat(absent(new Expected.Count(2), List.of(A, B), new Attendance.Present(A)))
                .containsExactly(new Absence(B, Diagnosis.vanished()));
    }

    @Test
    void standInsOfEarlierRoundsAreNotSeenGpus_always() {
        assertThat(absent(new Expected.Count(2), List.of(A, standIn(1)), new Attendance.Present(A)))
                .containsExactly(new Absence(standIn(1), Diagnosis.neverSeen()));
    }

    @Test
    void expectedUuidIsMissingUnderTheNextFreeIndex_whenNeverSeen() {
        GpuIdentity missing = new GpuIdentity(1, "GPU-x", "unknown");
        Expected expected = new Expected.Uuids(List.of("GPU-a", "GPU-x"));

        assertThat(absent(expected, List.of(A), new Attendance.Present(A)))
                .containsExactly(new Absence(missing, Diagnosis.neverSeen()));
        assertThat(absent(expected, List.of(A, missing), new Attendance.Present(A)))
                .containsExactly(new Absence(missing, Diagnosis.neverSeen()));
    }

    @Test
    void everyExpectedGpuIsMissing_whenThereIsNoDriver() {
        Diagnosis none = Diagnosis.noDriver("libnvidia-ml.so.1 not found");

        assertThat(RollCall.absent(new Expected.Count(2), List.of(), List.of(), none, none))
                .containsExactly(new Absence(standIn(0), none), new Absence(standIn(1), none));
        assertThat(RollCall.absent(new Expected.Auto(), List.of(), List.of(), none, none))
                .isEmpty();
    }
}
