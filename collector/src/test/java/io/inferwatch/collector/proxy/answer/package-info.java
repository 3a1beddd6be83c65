@NullMarked
package io.inferwatch.collector.proxy.answer;

import org.jspecify.annotations.NullMarked;
