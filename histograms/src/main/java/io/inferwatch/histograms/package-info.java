@NullMarked
package io.inferwatch.histograms;

import org.jspecify.annotations.NullMarked;
