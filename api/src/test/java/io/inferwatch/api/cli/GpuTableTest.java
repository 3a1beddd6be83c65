package io.inferwatch.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GpuTableTest {
    private static final String FLEET = """
            {"driver":"590.48.01","generation":2,"gpus":[
              {"index":0,"uuid":"GPU-a","name":"NVIDIA H200",
               "verdict":{"state":"healthy","reason":"","action":"","evidence":[],"since":"2026-11-20T12:00:00Z"},
               "readings":{
                 "gpu.sm.utilization":{"state":"value","value":61.4,"unit":"%","source":"gpm"},
                 "gpu.memory.used":{"state":"value","value":120259084288,"unit":"bytes"},
                 "gpu.memory.total":{"state":"value","value":150754820096,"unit":"bytes"},
                 "gpu.power":{"state":"value","value":401.2,"unit":"W"},
                 "gpu.power.limit":{"state":"value","value":700,"unit":"W"},
                 "gpu.temperature":{"state":"value","value":56,"unit":"C"},
                 "gpu.clock.sm":{"state":"value","value":1980,"unit":"MHz"},
                 "gpu.clock.memory":{"state":"no_permission","unit":"MHz"}}},
              {"index":1,"uuid":"GPU-b","name":"NVIDIA H200\\u001b[31m",
               "verdict":{"state":"driver_unresponsive","reason":"nvmlDeviceGetName did not return within 5000 ms",
                 "action":"reboot","evidence":["XID 119 (GSP RPC timeout) at 2026-11-20T11:59:00Z"],"since":"2026-11-20T12:00:00Z"},
               "readings":{"gpu.power":{"state":"stale","unit":"W"}}}]}
            """;

    @Test
    void dividedGpuTellsTheActivityOfEachInstance() {
        assertThat(GpuTable.of(Json.object("""
                        {"gpus":[{"index":2,"name":"NVIDIA H100","verdict":{"state":"healthy"},"readings":{
                          "gpu.sm.utilization":{"state":"unsupported","source":"nvml","parts":[
                            {"gpu_instance":"1","state":"value","value":41.2,"source":"gpm"},
                            {"gpu_instance":"2","state":"stale","source":"gpm"}]}}}]}
                        """))).containsPattern("2 +NVIDIA H100 +41%, stale \\(MIG\\) +gpm");
    }

    @Test
    void rowPerGpuAndWordsForWhatIsWrong_always() {
        String table = GpuTable.of(Json.object(FLEET));

        assertThat(table)
                .startsWith("driver 590.48.01 · generation 2\n")
                .containsPattern(
                        "0 +NVIDIA H200 +61% +gpm +112/140 GiB +401/700 W +56 °C +1980 MHz +no permission +healthy")
                .containsPattern("1 +NVIDIA H200\\?\\[31m .* stale .*driver unresponsive")
                .contains(
                        "GPU 1 GPU-b is driver unresponsive since 2026-11-20T12:00:00Z: nvmlDeviceGetName did not return")
                .contains("  seen: XID 119 (GSP RPC timeout)")
                .contains("  to do: reboot");
    }
}
