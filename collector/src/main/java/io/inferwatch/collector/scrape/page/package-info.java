/** What a server's metrics page says, in whichever of the exposition formats it is written. */
@NullMarked
package io.inferwatch.collector.scrape.page;

import org.jspecify.annotations.NullMarked;
