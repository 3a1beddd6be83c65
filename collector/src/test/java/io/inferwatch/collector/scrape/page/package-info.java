@NullMarked
package io.inferwatch.collector.scrape.page;

import org.jspecify.annotations.NullMarked;
