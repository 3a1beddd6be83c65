/**
 * Reads the metrics page of a model server, finds out by itself which engine writes it, and makes measurements of it under
 * names that mean the same for every engine.
 */
@NullMarked
package io.inferwatch.collector.scrape;

import org.jspecify.annotations.NullMarked;
