package io.inferwatch.system.support;

import java.util.ArrayList;
import java.util.List;

/** Texts that would run a script where somebody made markup, an address or code of them. Each sets {@code window.xss}. */
public final class Payloads {
    private static final String SCRIPT = "window.xss=1";
    private static final List<String> BREAKS =
            List.of("", "\">", "'>", "`>", "</script>", "</textarea>", "--><!-- -->", "]]>", "\\\">", "&quot;>");
    private static final List<String> MARKUP = List.of(
            "<script>@</script>",
            "<img src=x onerror=@>",
            "<svg onload=@>",
            "<svg><script>@</script></svg>",
            "<body onload=@>",
            "<iframe srcdoc='<script>parent.xss=1</script>'>",
            "<details open ontoggle=@>",
            "<input autofocus onfocus=@>",
            "<video><source onerror=@></video>",
            "<math><mtext><img src=x onerror=@></mtext></math>",
            "<a href=javascript:@ autofocus>x</a>",
            "<style>@import 'javascript:@'</style>",
            "<object data='data:text/html,<script>parent.xss=1</script>'>",
            "<marquee onstart=@>",
            "<template><img src=x onerror=@></template>",
            "<x style=animation-name:x onanimationstart=@>",
            "<form><button formaction=javascript:@>x</button></form>",
            "<base href=javascript:@//>");
    private static final List<String> OTHER = List.of(
            "javascript:@",
            "${@}",
            "{{constructor.constructor('@')()}}",
            "__proto__",
            "constructor",
            "\" onmouseover=@ x=\"",
            "' onfocus=@ autofocus '",
            "%3Cscript%3E@%3C/script%3E",
            "&lt;img src=x onerror=@&gt;",
            "\u202Egpj.exe",
            "\\u003cscript\\u003e@\\u003c/script\\u003e",
            "data:text/html,<script>@</script>",
            "url(javascript:@)",
            "expression(@)",
            "=cmd|' /C @'!A0",
            "<!--<script>@-->",
            "toString",
            "hasOwnProperty",
            "*/@/*",
            "';@;//");

    private Payloads() {}

    /** Two hundred, all different. */
    public static List<String> all() {
        List<String> all = new ArrayList<>(OTHER);
        for (String before : BREAKS) {
            for (String markup : MARKUP) {
                all.add(before + markup);
            }
        }
        return all.stream().map(text -> text.replace("@", SCRIPT)).toList();
    }
}
