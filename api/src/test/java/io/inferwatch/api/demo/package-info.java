@NullMarked
package io.inferwatch.api.demo;

import org.jspecify.annotations.NullMarked;
