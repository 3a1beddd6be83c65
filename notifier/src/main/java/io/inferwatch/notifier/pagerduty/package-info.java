/** PagerDuty Events API v2. */
@NullMarked
package io.inferwatch.notifier.pagerduty;

import org.jspecify.annotations.NullMarked;
