@NullMarked
package io.inferwatch.api.cli;

import org.jspecify.annotations.NullMarked;
