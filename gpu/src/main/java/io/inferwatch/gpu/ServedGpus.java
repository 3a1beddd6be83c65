package io.inferwatch.gpu;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One model server of this host, as far as GPUs are concerned.
 *
 * @param name becomes the label {@code server} of the GPUs it uses
 * @param port of this host it listens on, by which its processes are found; empty: they are not
 */
public record ServedGpus(String name, OptionalInt port, Gpus gpus) {

    /** Which GPUs a server uses. */
    public sealed interface Gpus {
        /** Those its processes hold. */
        record Auto() implements Gpus {}

        /** @param gpus UUIDs, {@code GPU-…}, or NVML indexes */
        record Listed(Set<String> gpus) implements Gpus {
            public Listed {
                gpus = Set.copyOf(gpus);
                for (String gpu : gpus) {
                    if (!gpu.startsWith("GPU-") && !gpu.matches("\\d{1,4}")) {
                        throw new IllegalArgumentException("servers.gpus: \"" + gpu
                                + "\" is neither a GPU's UUID (GPU-…) nor its index; `inferwatch gpus` lists them");
                    }
                }
            }

            boolean has(GpuIdentity gpu) {
                return gpus.contains(gpu.uuid()) || gpus.contains(Integer.toString(gpu.index()));
            }
        }
    }

    public ServedGpus {
        if (name.isBlank()) {
            throw new IllegalArgumentException("servers.name: a server needs a name");
        }
    }

    /** @throws IllegalArgumentException when two have one name, or one GPU is listed for two */
    public static List<ServedGpus> checked(List<ServedGpus> servers) {
        Set<String> names = new HashSet<>();
        Set<String> listed = new HashSet<>();
        for (ServedGpus server : servers) {
            if (!names.add(server.name())) {
                throw new IllegalArgumentException("servers: the name \"" + server.name() + "\" stands twice");
            }
            if (server.gpus() instanceof Gpus.Listed(Set<String> gpus)) {
                for (String gpu : gpus) {
                    if (!listed.add(gpu)) {
                        throw new IllegalArgumentException(
                                "servers: GPU " + gpu + " is listed for two servers; leave it to one, or use auto");
                    }
                }
            }
        }
        return List.copyOf(servers);
    }
}
