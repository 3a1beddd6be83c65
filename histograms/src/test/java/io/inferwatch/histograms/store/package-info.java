@NullMarked
package io.inferwatch.histograms.store;

import org.jspecify.annotations.NullMarked;
