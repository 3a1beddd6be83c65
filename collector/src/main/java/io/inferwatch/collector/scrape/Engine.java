package io.inferwatch.collector.scrape;

/** Who writes a page. Known by the names on it; where several are, the first of these is meant. */
public enum Engine {
    VLLM("vllm", "--custom-histogram-buckets gives latency buckets as fine as the limits that matter"),
    SGLANG(
            "sglang",
            "--bucket-time-to-first-token and its like give latency buckets as fine as the limits that matter"),
    TENSORRT_LLM("tensorrt-llm", ""),
    TGI("tgi", "the server has no histogram of the time to first token: the proxy sees it"),
    LMDEPLOY("lmdeploy", ""),
    DYNAMO("dynamo", "DYN_METRICS_TTFT_COUNT and its like give up to 512 buckets"),
    LLAMA_CPP("llama.cpp", "the server has no latency histograms: the proxy sees latencies"),
    ENVOY_AI_GATEWAY("envoy-ai-gateway", ""),
    TRITON(
            "triton",
            "--metrics-config histogram_latencies=true adds the time to the first response; the proxy sees all latencies");

    private final String displayName;
    private final String toSeeMore;

    Engine(String displayName, String toSeeMore) {
        this.displayName = displayName;
        this.toSeeMore = toSeeMore;
    }

    public String displayName() {
        return displayName;
    }

    /** What to change at the server to see more; empty where there is nothing to. */
    public String toSeeMore() {
        return toSeeMore;
    }
}
