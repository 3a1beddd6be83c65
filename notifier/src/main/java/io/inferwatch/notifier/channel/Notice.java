package io.inferwatch.notifier.channel;

import java.util.Optional;

/**
 * One notification on its way to one receiver.
 *
 * @param key the receiver's name for the group, the same from open to close; at most 255 characters
 * @param receiver its name in the rules file
 * @param opened the receipt of what this updates or closes; absent when it opens something new
 * @param possibleRepeat whether an earlier attempt may have arrived unnoticed
 */
public record Notice(
        Notification what, String key, String receiver, Optional<Receipt> opened, boolean possibleRepeat) {}
