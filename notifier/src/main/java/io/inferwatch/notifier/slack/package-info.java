/** Slack: a bot that keeps one message per alert up to date, or an incoming webhook. */
@NullMarked
package io.inferwatch.notifier.slack;

import org.jspecify.annotations.NullMarked;
