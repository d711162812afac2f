// What a parser cannot see, looked up in the rendered page. Every probe returns a list of faults:
// { element, fault, mend }. In every page that an engine opens; see engine.py.
"use strict";
globalThis.probe = (() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const style = (element, pseudo) => getComputedStyle(element, pseudo);
  const words = (element) => (element.innerText ?? element.textContent ?? "").trim().replace(/\s+/g, " ");
  const fault = (element, text, mend) => ({ element: describe(element), fault: text, mend });

  function describe(element) {
    const id = element.id ? `#${element.id}` : "";
    const classes = [...element.classList].map((name) => `.${name}`).join("");
    const parent = element.parentElement ? element.parentElement.localName + " > " : "";
    return `${parent}${element.localName}${id}${classes} “${words(element).slice(0, 40)}”`;
  }

  // What is known of an element until the script that asked has ended, or something was restyled.
  let asked = null;
  function remembered(key, element, find) {
    if (!asked) queueMicrotask(forget);
    const memory = ((asked ??= {})[key] ??= new Map());
    if (!memory.has(element)) memory.set(element, find(element));
    return memory.get(element);
  }
  function forget() {
    asked = null;
  }

  // Painted, and not the one-pixel box that only screen readers meet.
  const seen = (element) => remembered("seen", element, (e) => {
    if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || shut(e)) return false;
    const { width, height } = e.getBoundingClientRect();
    return width > 0 && height > 0;
  });
  // In a box, its own or one around it, that shows nothing of what it holds.
  const shut = (element) => element !== null && remembered("shut", element, (e) => {
    const { overflow, clipPath, clip } = style(e), { width, height } = e.getBoundingClientRect();
    return (overflow !== "visible" && (width <= 1 || height <= 1)) || clipPath === "inset(50%)" || clip === "rect(0px, 0px, 0px, 0px)" || shut(e.parentElement);
  });

  function* texts(root = document.body, unseen = false) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.data.trim() && !node.parentElement.closest("script, style, noscript, head") && (unseen || seen(node.parentElement))) yield node;
    }
  }

  function boxes(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
  }

  // sRGB, WCAG 2.2 "relative luminance" and "contrast ratio"
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const known = new Map(); // painting a colour to read it is slow, and a page has few of them
  function rgba(colour) {
    if (/^[A-Z]/.test(colour)) known.delete(colour); // a system colour changes with the scheme
    if (!known.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      known.set(colour, [...canvas.getImageData(0, 0, 1, 1).data]);
    }
    return known.get(colour);
  }
  function luminance([r, g, b]) {
    const linear = [r, g, b].map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  }
  function contrast(one, other) {
    const ground = rgba(other), painted = rgba(one).map((v, i, [, , , alpha]) => ground[i] + (alpha / 255) * (v - ground[i]));
    const [dark, light] = [luminance(painted), luminance(ground)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }
  const backdrop = (element) => !element ? "Canvas" : remembered("backdrop", element, (e) => {
    const colour = style(e).backgroundColor;
    return rgba(colour)[3] > 250 ? colour : backdrop(e.parentElement);
  });

  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1'])";

  // WCAG 1.4.10: nothing sticks out of the window sideways, whether it scrolls there or is cut off.
  function overflow() {
    const root = document.scrollingElement, width = document.documentElement.clientWidth;
    const found = root.scrollWidth > width ? [fault(document.body, `the page is ${root.scrollWidth}px wide in ${width}px`, "let it wrap or shrink")] : [];
    for (const node of texts()) {
      for (const box of boxes(node)) {
        if (box.right > width + 1 || box.left < -1) {
          found.push(fault(node.parentElement, `text reaches from ${Math.round(box.left)} to ${Math.round(box.right)} of ${width}px`, "overflow-wrap, min-inline-size: 0"));
          break;
        }
      }
    }
    return found;
  }

  // A word that goes on in the next line without a hyphen; in Chinese, a run of Latin letters or
  // digits, with the year or month that it numbers. Compounds of up to twelve letters (e-mail, open-source) are one word; longer ones may
  // break at their hyphen.
  function torn() {
    const found = [], range = document.createRange();
    for (const node of texts()) {
      range.selectNodeContents(node);
      const { height } = range.getBoundingClientRect();
      if (height < 2 * parseFloat(style(node.parentElement).fontSize)) continue; // one line tears nothing
      const chinese = node.parentElement.closest("[lang]").lang.startsWith("zh");
      for (const { 0: word, index } of node.data.matchAll(chinese ? /[\w.,%@-]+[年月日]?/g : /[^\s\u00ad\u200b\u2013\u2014/]+/g)) {
        let start = index;
        for (const part of word.length > 12 ? word.split(/(?<=-)/) : [word]) {
          range.setStart(node, start);
          range.setEnd(node, (start += part.length));
          const lines = [...range.getClientRects()].filter((box) => box.width > 0.5);
          if (lines.some((box) => box.top > lines[0].bottom - 2)) found.push(fault(node.parentElement, `“${part}” is torn`, "text-wrap, overflow-wrap, a smaller letter"));
        }
      }
    }
    return found;
  }

  // A heading of the second level that is set larger than the first; a name in a heading counts.
  function outranked() {
    const size = (e) => parseFloat(style(e.querySelector(".name") ?? e).fontSize), [first, ...rest] = all("h1, h2").filter(seen);
    return rest.filter((e) => e.localName === "h2" && size(e) >= size(first)).map((e) => fault(e, `${size(e)}px below an h1 of ${size(first)}px`, "the page's heading is the largest"));
  }

  // What a person aims at: the middle of each line of a control's words, or of the control.
  function middles(element) {
    const lines = [...texts(element)].flatMap(boxes);
    return (lines.length ? lines : [element.getBoundingClientRect()]).map((box) => [box.left + box.width / 2, box.top + box.height / 2]);
  }
  // A tap on the words of a control reaches that control, or the label or the fieldset of it.
  function hits() {
    const found = [];
    for (const e of all("a[href], button, summary, label, input:not([type=hidden]), select, textarea")) {
      if (!seen(e) || e.closest("[aria-hidden=true], .unseen, .trap, .skip")) continue;
      let spots = middles(e);
      if (spots.some(([, y]) => y < 1 || y > innerHeight - 1)) { // a fraction before the edge is rounded past it
        e.scrollIntoView({ block: "center", behavior: "instant" });
        spots = middles(e);
      }
      for (const [x, y] of spots) {
        const hit = document.elementFromPoint(x, y);
        const mine = hit && (e.contains(hit) || [...(e.labels ?? [])].some((label) => label.contains(hit)) || e.control === hit);
        if (mine) continue;
        found.push(fault(e, `${hit ? describe(hit) : "nothing"} lies over it`, "nothing stretched over anything"));
        break;
      }
    }
    return found;
  }

  // Text in a box too small for it: what spacing, zoom and long words break first.
  function clipped() {
    const found = [];
    for (const e of all("body *")) {
      const { overflowX, overflowY, textOverflow, display } = style(e);
      if (display === "inline" || e.closest("svg") || (overflowX === "visible" && overflowY === "visible")) continue;
      if (e.matches("textarea, select, input") || !words(e) || !seen(e)) continue;
      const cut = (overflowY !== "visible" && e.scrollHeight > e.clientHeight + 1) || (overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1);
      if (cut || textOverflow === "ellipsis") found.push(fault(e, "text is cut off or scrolls in its box", "no fixed size, overflow: visible"));
    }
    return found;
  }

  // Lines of different texts that run into each other. Half a line's height is free for ascenders.
  function overlaps() {
    const lines = [];
    for (const node of texts()) {
      for (const box of boxes(node)) {
        const middle = (box.top + box.bottom) / 2, half = parseFloat(style(node.parentElement).fontSize) * 0.35;
        lines.push({ node, left: box.left + 1, right: box.right - 1, top: middle - half, bottom: middle + half });
      }
    }
    lines.sort((a, b) => a.top - b.top);
    const found = [];
    lines.forEach((one, i) => {
      for (let j = i + 1; j < lines.length && lines[j].top < one.bottom; j++) {
        const other = lines[j];
        if (one.node !== other.node && other.left < one.right && one.left < other.right)
          found.push(fault(other.node.parentElement, `runs into “${one.node.data.trim().slice(0, 30)}”`, "let the boxes grow"));
      }
    });
    return found;
  }

  // WCAG 2.5.5: 44 by 44 CSS px, but for links within a sentence (their height is the line's).
  function inSentence(element) {
    if (element.localName !== "a" || style(element).display !== "inline") return false;
    const block = element.closest("p, li, dd, td, th, figcaption, blockquote, label, legend");
    if (!block) return false;
    const own = words(block).replace(words(element), "");
    return own.replace(/[\s()·|.,:–-]+/g, "").length > 0;
  }
  function reach(element) {
    const parts = [element, ...(element.labels ?? [])].filter(seen).map((e) => e.getBoundingClientRect());
    if (!parts.length) return null;
    const side = (name, pick) => pick(...parts.map((box) => box[name]));
    return { width: side("right", Math.max) - side("left", Math.min), height: side("bottom", Math.max) - side("top", Math.min) };
  }
  function targets(least) {
    const found = [];
    for (const e of all(CONTROLS)) {
      if (e.disabled || inSentence(e)) continue;
      const size = reach(e);
      if (size && (size.width < least - 0.5 || size.height < least - 0.5))
        found.push(fault(e, `target is ${Math.round(size.width)} × ${Math.round(size.height)}px`, `at least ${least} × ${least}px: padding or min-block-size`));
    }
    return found;
  }

  // WCAG 1.4.8: characters a line; Chinese ones are twice as wide, and each may begin a line.
  const letter = new Intl.Segmenter(), word = new Intl.Segmenter(undefined, { granularity: "word" });
  function lines(most, mostHan) {
    const found = [];
    for (const block of all("p, li, dd, dt, td, figcaption, blockquote, legend, label, summary")) {
      if (!seen(block) || block.querySelector("p, li, dd, td")) continue;
      const chinese = block.closest("[lang]").lang.startsWith("zh"), limit = chinese ? mostHan : most;
      const rows = new Map(), range = document.createRange();
      for (const node of texts(block)) {
        for (const { index, segment } of (chinese ? letter : word).segment(node.data)) {
          range.setStart(node, index);
          range.setEnd(node, index + segment.length);
          const { top, bottom, width } = range.getBoundingClientRect(), row = Math.round((top + bottom) / 30);
          if (width > 0) rows.set(row, (rows.get(row) ?? "") + segment);
        }
      }
      for (const row of rows.values()) {
        const width = [...letter.segment(row.trim())].reduce((sum, { segment }) => sum + (chinese && !/\p{Script=Han}/u.test(segment) ? 0.5 : 1), 0);
        if (width > limit) {
          found.push(fault(block, `a line of ${width} characters`, `at most ${limit}: max-inline-size`));
          break;
        }
      }
      if (["justify"].includes(style(block).textAlign)) found.push(fault(block, "text is justified", "text-align: start"));
    }
    return found;
  }

  // WCAG 1.4.8: one and a half lines within a paragraph, more between two.
  function leading() {
    const found = [];
    for (const e of all("main p, main li").filter(seen)) {
      const line = parseFloat(style(e).lineHeight), size = parseFloat(style(e).fontSize), next = e.nextElementSibling;
      const several = words(e).length > 40 && e.getBoundingClientRect().height > 1.8 * line;
      if (several && line < 1.5 * size - 0.5) found.push(fault(e, `lines of ${line}px for letters of ${size}px`, "line-height: 1.5 or more"));
      if (e.localName === "p" && next?.localName === "p" && several && seen(next)) {
        const gap = next.getBoundingClientRect().top - e.getBoundingClientRect().bottom;
        if (gap >= 0 && gap < 0.5 * line - 0.5) found.push(fault(e, `${Math.round(gap)}px to the next paragraph`, "half a line or more"));
      }
    }
    return found;
  }

  // Styles that typography of Chinese and Tamil forbids (docs: language/style).
  function letters() {
    const found = [];
    for (const node of texts()) {
      const e = node.parentElement, { letterSpacing, fontStyle, textTransform, lineHeight, fontSize } = style(e);
      if (fontStyle !== "normal") found.push(fault(e, "is slanted", "font-style: normal"));
      if (textTransform === "uppercase") found.push(fault(e, "is set in capitals", "text-transform: none"));
      if (/\p{Script=Tamil}|\p{Script=Han}/u.test(node.data) && parseFloat(letterSpacing) > 0) found.push(fault(e, "is letter-spaced", "letter-spacing: normal"));
      if (/\p{Script=Tamil}/u.test(node.data) && parseFloat(lineHeight) / parseFloat(fontSize) < 1.4) found.push(fault(e, `Tamil with line-height ${lineHeight} at ${fontSize}`, "1.4 or more, 1.7 in text"));
    }
    return found;
  }

  // What moves: anything endless, and with prefers-reduced-motion anything at all.
  function motion(reduced) {
    const found = document.getAnimations().filter((a) => reduced || a.effect.getComputedTiming().endTime > 5000)
      .map((a) => fault(a.effect.target, `animation ${a.animationName ?? a.transitionProperty}`, "stop it under prefers-reduced-motion, and within 5 s"));
    if (!reduced) return found;
    for (const e of all("*")) {
      const longest = Math.max(...style(e).transitionDuration.split(",").map(parseFloat));
      if (longest > 0.01) found.push(fault(e, `transition of ${longest}s`, "none under prefers-reduced-motion"));
    }
    if (style(document.documentElement).scrollBehavior === "smooth") found.push(fault(document.documentElement, "scrolls smoothly", "scroll-behavior: auto"));
    return found;
  }

  // Forced colours take away backgrounds and shadows: controls need a border or underline of their own.
  function forced() {
    const found = [];
    for (const e of all(CONTROLS).filter(seen)) {
      const { textDecorationLine, appearance } = style(e);
      const bordered = ["Top", "Right", "Bottom", "Left"].some((side) => style(e)[`border${side}Style`] !== "none" && parseFloat(style(e)[`border${side}Width`]) >= 1);
      const native = e.matches("input, select, textarea") && appearance !== "none";
      const boxed = e.matches("button, input, select, textarea") || (e.matches("a") && style(e).display !== "inline" && /button|btn/.test(e.className));
      if (boxed && !bordered && !native) found.push(fault(e, "loses its shape", "border: 1px solid (transparent will do)"));
      if (inSentence(e) && !textDecorationLine.includes("underline")) found.push(fault(e, "link looks like text", "text-decoration: underline"));
    }
    for (const e of all("svg").filter(seen)) {
      const adjust = style(e).forcedColorAdjust;
      const painted = all("path, circle, rect, line, polyline, polygon, use", e);
      const lost = painted.filter((p) => {
        const { fill, stroke } = style(p);
        return [fill, stroke].every((c) => c === "none" || rgba(c)[3] === 0 || contrast(c, backdrop(e.parentElement)) < 1.1);
      });
      if (painted.length && lost.length === painted.length) found.push(fault(e, `picture vanishes (forced-color-adjust: ${adjust})`, "currentColor or a system colour"));
    }
    return found;
  }

  // WCAG 1.4.11: the edge of a field against what is around it.
  function edges() {
    const found = [];
    for (const e of all("input:not([type=hidden]), select, textarea").filter(seen)) {
      const { borderTopColor, borderTopWidth, appearance, backgroundColor } = style(e);
      if (appearance !== "none" && e.matches("[type=checkbox], [type=radio]")) continue;
      const outside = backdrop(e.parentElement);
      const best = Math.max(parseFloat(borderTopWidth) >= 1 ? contrast(borderTopColor, outside) : 1, contrast(backgroundColor, outside));
      if (best < 3) found.push(fault(e, `edge has ${best.toFixed(2)}:1`, "3:1 or more"));
    }
    return found;
  }

  // Text against its computed background in whatever state the page is (hover, focus, error).
  function pairs(least) {
    const found = [];
    for (const node of texts()) {
      const e = node.parentElement, { color, fontSize, fontWeight } = style(e);
      const large = parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && +fontWeight >= 700);
      const ratio = contrast(color, backdrop(e)), wanted = large ? 4.5 : least;
      if (ratio < wanted) found.push(fault(e, `text has ${ratio.toFixed(2)}:1`, `${wanted}:1 or more`));
    }
    return found;
  }

  const look = (e) => `${e.localName}.${e.className}.${e.matches("body > *") ? "" : e.parentElement.className}`;
  // Marks one control of each look that is not known yet; their looks.
  function fresh(known) {
    const found = new Map(all(CONTROLS).filter((e) => e.checkVisibility() && !known.includes(look(e))).map((e) => [look(e), e]));
    for (const e of all("[data-fresh]")) delete e.dataset.fresh;
    for (const e of found.values()) e.dataset.fresh = "";
    return [...found.keys()];
  }
  // Where the letters of an element stand on the page, and their colour: to be compared in pixels.
  // "fade" is how much of the colour is painted; "own" the ground that fades together with it.
  function inks(selector) {
    const found = [];
    for (const node of all(selector).flatMap((element) => [...texts(element)])) {
      const { color, fontSize, fontWeight } = style(node.parentElement), [r, g, b, alpha] = rgba(color);
      const large = parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && +fontWeight >= 700);
      let fade = alpha / 255, own = null;
      for (let e = node.parentElement, ground = null; e; e = e.parentElement) {
        const { opacity, backgroundColor } = style(e);
        if (!ground && rgba(backgroundColor)[3] > 250) ground = rgba(backgroundColor).slice(0, 3);
        if (+opacity < 1) [fade, own] = [fade * opacity, ground];
      }
      for (const { left, top, right, bottom, width, height } of boxes(node))
        if (right + scrollX > 0 && bottom + scrollY > 0) found.push({ x: left + scrollX, y: top + scrollY, width, height, colour: [r, g, b], large, fade, own, element: describe(node.parentElement) });
    }
    return found;
  }

  // Print: dark ink on white paper, no controls, nothing cut off.
  function printed() {
    const found = [];
    for (const node of texts()) {
      const ratio = contrast(style(node.parentElement).color, "#fff");
      if (ratio < 4.5) found.push(fault(node.parentElement, `ink has ${ratio.toFixed(2)}:1 on white`, "dark text in print"));
    }
    for (const e of [document.documentElement, document.body, ...all("body *")]) {
      const colour = rgba(style(e).backgroundColor), box = e.getBoundingClientRect();
      if (!e.closest("svg") && seen(e) && colour[3] > 0 && luminance(colour) < 0.6 && box.width * box.height > 5000) found.push(fault(e, "prints a dark ground", "background: none in print"));
    }
    for (const e of all("body > a[href='#main'], nav").filter(seen)) found.push(fault(e, "prints what only a screen needs", "display: none in print"));
    if (!words(document.querySelector("main"))) found.push(fault(document.body, "prints nothing", "show main"));
    return found;
  }

  // WCAG 1.4.4 with the reader's own font size, not zoom: text doubles, display sizes (clamp in vw) grow.
  function doubled() {
    const size = (node) => parseFloat(style(node.parentElement).fontSize), nodes = [...texts()], before = nodes.map(size);
    adopt(`:root { font-size: ${2 * parseFloat(style(document.documentElement).fontSize)}px !important }`);
    return nodes.flatMap((node, i) => {
      const [small, large, wanted] = [before[i], size(node), before[i] < 24 ? 1.7 : before[i] < 48 ? 1.3 : 1.1];
      return large < wanted * small ? [fault(node.parentElement, `${small} → ${large}px with letters twice as large`, "use rem")] : [];
    });
  }

  // WCAG 3.3.2, 1.3.5, and no placeholder in place of a label.
  function fields() {
    const found = [];
    for (const e of all("input:not([type=hidden]):not([type=submit]), select, textarea")) {
      if (e.closest("[aria-hidden=true], [inert]")) continue;
      if (!e.labels?.length) found.push(fault(e, "has no <label>", "a label that is seen"));
      if (e.placeholder) found.push(fault(e, "has a placeholder", "put it into the hint"));
      if (e.autofocus) found.push(fault(e, "takes the focus", "no autofocus on a field"));
      if (e.matches("[type=checkbox], [type=radio]") && [...document.getElementsByName(e.name)].filter((other) => other.form === e.form).length > 1 && !e.closest("fieldset")?.querySelector("legend"))
        found.push(fault(e, "stands in a group without a name", "fieldset and legend"));
      if (e.matches("[name=name], [name=email], [type=email]") && !e.autocomplete) found.push(fault(e, "has no autocomplete token", "autocomplete=name or email"));
    }
    return found;
  }

  // Without pictures: every control still has words, every picture with a meaning has said it.
  function wordless() {
    const found = [];
    for (const e of all(CONTROLS)) {
      const said = [e, ...(e.labels ?? [])].some((part) => [...texts(part)].length);
      if (e.checkVisibility({ visibilityProperty: true }) && !e.closest("[aria-hidden=true]") && !said) found.push(fault(e, "shows nothing without its picture", "words beside the icon"));
    }
    for (const e of all("svg:not([aria-hidden=true]), img:not([alt=''])")) {
      if (e.closest("[aria-hidden=true]")) continue;
      if (!(e.getAttribute("aria-label") ?? e.alt ?? "").trim().includes(e.closest("[lang]").lang.startsWith("zh") ? "" : " ")) found.push(fault(e, "has a meaning that nobody is told", "aria-label with a sentence, or aria-hidden"));
    }
    return found;
  }

  // Without style sheets the page is read as it is written. Put back as it was.
  function unstyled() {
    const hiddenByStyle = new Set([...texts(document, true)].filter((node) => !seen(node.parentElement)));
    const sheets = [...document.styleSheets].filter((sheet) => !sheet.disabled);
    for (const sheet of sheets) sheet.disabled = true;
    forget();
    try {
      return order(hiddenByStyle);
    } finally {
      for (const sheet of sheets) sheet.disabled = false;
      forget();
    }
  }
  function order(hiddenByStyle) {
    const found = [], before = (a, b) => a && b && a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING;
    const [main, first] = [document.querySelector("main"), reachable()[0]];
    const wanted = [document.querySelector("a[href='#main']"), document.querySelector("nav"), main.querySelector("h1"), document.querySelector("body > footer")].filter(Boolean);
    wanted.slice(1).forEach((e, i) => before(wanted[i], e) || found.push(fault(e, `comes before ${describe(wanted[i])}`, "skip link, menu, main heading, footer")));
    if (first && first !== wanted[0]) found.push(fault(first, "comes before the skip link", "the skip link is the first stop"));
    const heading = all("h1, h2, h3, h4", main).find((e) => !e.closest("[role=alert]"));
    if (heading?.localName !== "h1") found.push(fault(heading ?? main, "comes before the heading of the page", "h1 first"));
    for (const e of all("input:not([type=hidden]), select, textarea")) {
      const choice = e.matches("[type=checkbox], [type=radio]");
      for (const label of e.labels) if (!choice && before(e, label)) found.push(fault(label, "comes after its field", "label, hint, error, field"));
      for (const id of (e.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean)) {
        const hint = document.getElementById(id);
        if (!choice && hint && words(hint) && before(e, hint)) found.push(fault(hint, "comes after its field", "label, hint, error, field"));
      }
      if (!e.labels.length) found.push(fault(e, "asks nothing once the style is gone", "a label that says what to do with it"));
    }
    let last = null;
    for (const node of texts()) {
      if (last && last.data.trim() === node.data.trim() && hiddenByStyle.has(node) !== hiddenByStyle.has(last)) found.push(fault(node.parentElement, "is read twice in a row", "hide one with hidden or aria-hidden"));
      if (hiddenByStyle.has(node) && !/\p{L}|^\s*[:;,.?!：？！–-]\s*$/u.test(node.data)) found.push(fault(node.parentElement, "is a helper without words", "whole words in helper texts"));
      last = node;
    }
    return found;
  }

  // Focus: where the keyboard may go, and what it meets there.
  function reachable() {
    const radios = new Set();
    return all(CONTROLS).filter((e) => {
      if (e.disabled || e.tabIndex < 0 || !e.checkVisibility({ visibilityProperty: true }) || e.closest("[inert]")) return false;
      if (e.type !== "radio" || !e.name) return true;
      const group = [...document.getElementsByName(e.name)];
      return e === (group.find((r) => r.checked) ?? group[0]);
    });
  }
  function stop() {
    const e = document.activeElement;
    if (!e || e === document.body || e === document.documentElement) return null;
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = style(e);
    const rings = [...boxShadow.matchAll(/(?:rgba?|oklch|oklab|lab|lch|color|hsla?)\([^)]*\)|#\w+/g)].map((m) => m[0]);
    const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    if (outlined) rings.push(outlineColor);
    const ground = backdrop(e.parentElement ?? e);
    const box = e.getClientRects()[0] ?? e.getBoundingClientRect();
    const points = [[0.5, 0.5], [0.5, 0.1], [0.5, 0.9], [0.05, 0.5], [0.95, 0.5]].map(([x, y]) => [box.left + box.width * x, box.top + box.height * y]);
    const covered = points.filter(([x, y]) => y < innerHeight && y >= 0).map(([x, y]) => document.elementFromPoint(x, y)).find((hit, i) => hit && !e.contains(hit) && !(hit.contains(e) && (i > 0 || hit.localName === "label")) && ![...(e.labels ?? [])].some((l) => l.contains(hit)));
    return {
      index: reachable().indexOf(e), element: describe(e), look: look(e),
      outlined, contrast: Math.max(0, ...rings.map((ring) => contrast(ring, ground))),
      inside: box.top >= -1 && box.top < innerHeight && box.left >= -1 && box.right <= innerWidth + 1,
      covered: covered ? describe(covered) : null,
    };
  }

  // Where each key leaves the focus: written down here, for one question at the end of the walk.
  // Where the focus itself goes, also back between two keys or after the last, is a list of its own.
  let stops = [], moves = [], last;
  const note = () => stops.push(stop());
  function move() {
    const e = document.activeElement;
    if (e && e !== document.body && e !== last) moves.push([reachable().indexOf(e), describe(e)]);
    last = e;
  }
  function listen() {
    stops = [];
    moves = [];
    last = null;
    addEventListener("keyup", note, true); // the same one again is none
    addEventListener("focusin", move, true);
    return reachable().map(describe);
  }
  async function heard() {
    await new Promise((later) => setTimeout(later, 10)); // after whatever the page has put off
    move();
    return [stops, moves];
  }
  // As one finds a page: from its top, the keyboard at its beginning, in its own style, nothing open
  // nor still on its way from another rendering.
  function rest() {
    for (const a of document.getAnimations()) if (a instanceof CSSTransition) a.finish();
    for (const e of all("details[open]")) e.open = false;
    const start = document.createElement("span");
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus({ preventScroll: true });
    start.remove(); // leaves the place from which Tab goes on
    scrollTo({ top: 0, behavior: "instant" });
    adopt("");
  }

  // The place of a stop on the page with room for its ring, focused or not.
  function ringed(index, focused) {
    const e = reachable()[index];
    focused ? e.focus({ focusVisible: true }) : e.blur();
    const box = e.getBoundingClientRect(), room = 10;
    const x = Math.max(0, box.left + scrollX - room), y = Math.max(0, box.top + scrollY - room);
    return { x, y, width: box.width + 2 * room, height: box.height + 2 * room, inner_width: box.width, inner_height: box.height };
  }

  let shift = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => { shift += entry.value; })).observe({ type: "layout-shift", buffered: true });

  function adopt(css) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = css ? [sheet] : [];
    forget();
  }

  return { overflow, torn, outranked, hits, clipped, overlaps, targets, lines, leading, letters, motion, forced, edges, pairs, printed, doubled, fields, inks, wordless, unstyled, fresh,
    ringed, adopt, rest, listen, heard, shift: () => shift, describe };
})();
