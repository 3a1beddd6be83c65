package io.inferwatch.gpu.health;

/**
 * One thing that is wrong with a GPU.
 *
 * @param reason what was seen, with its number
 * @param action what NVIDIA says is to be done about it
 */
public record Finding(Grade grade, String reason, String action) {}
