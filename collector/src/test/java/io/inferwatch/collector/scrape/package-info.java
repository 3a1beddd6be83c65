@NullMarked
package io.inferwatch.collector.scrape;

import org.jspecify.annotations.NullMarked;
