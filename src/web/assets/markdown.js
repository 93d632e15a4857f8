// Renders the Markdown of an answer. All text becomes text nodes, never HTML, and links and images become their
// text, so that an answer cannot inject anything into the page.

/** Fills `parent` with the answer; `cite(n)` returns the node for a citation, or null if there is no such source. */
export function show(parent, markdown, cite) {
  const fresh = document.createDocumentFragment();
  blocks(fresh, markdown.replace(/\r\n?/g, "\n").split("\n"), cite);
  parent.replaceChildren(fresh);
}

const FENCE = /^ {0,3}(```+|~~~+)/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])\s*(?:\1\s*){2,}$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function element(name, parent) {
  return parent.appendChild(document.createElement(name));
}

function blocks(parent, lines, cite) {
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const heading = HEADING.exec(line);
    if (!line.trim()) {
      at += 1;
    } else if (FENCE.test(line)) {
      at = fence(parent, lines, at);
    } else if (heading) {
      inline(element(heading[1].length < 3 ? "h3" : "h4", parent), heading[2], cite);
      at += 1;
    } else if (RULE.test(line)) {
      element("hr", parent);
      at += 1;
    } else if (QUOTE.test(line)) {
      const end = until(lines, at, (next) => !QUOTE.test(next));
      blocks(element("blockquote", parent), lines.slice(at, end).map((next) => next.replace(QUOTE, "")), cite);
      at = end;
    } else if (ITEM.test(line)) {
      at = list(parent, lines, at, cite);
    } else if (line.includes("|") && at + 1 < lines.length && DIVIDER.test(lines[at + 1]) && lines[at + 1].includes("-")) {
      at = table(parent, lines, at, cite);
    } else {
      const end = until(lines, at + 1, (next) => !next.trim() || startsBlock(next));
      inline(element("p", parent), lines.slice(at, end).map((next) => next.trimStart()).join("\n"), cite);
      at = end;
    }
  }
}

function startsBlock(line) {
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);
}

function until(lines, from, ends) {
  let at = from;
  while (at < lines.length && !ends(lines[at])) at += 1;
  return at;
}

function fence(parent, lines, at) {
  const mark = FENCE.exec(lines[at])[1];
  const end = until(lines, at + 1, (line) => line.trim().startsWith(mark));
  element("code", element("pre", parent)).textContent = lines.slice(at + 1, end).join("\n");
  return end + 1;
}

function list(parent, lines, at, cite) {
  const [, indent, marker] = ITEM.exec(lines[at]);
  const ordered = /\d/.test(marker);
  const items = element(ordered ? "ol" : "ul", parent);
  if (ordered && parseInt(marker, 10) !== 1) items.start = parseInt(marker, 10);
  while (at < lines.length) {
    const item = ITEM.exec(lines[at]);
    if (!item || item[1].length > indent.length + 1 || item[1].length < indent.length || /\d/.test(item[2]) !== ordered) break;
    // Further indented lines belong to the item, including blank lines between them.
    const inner = [item[3]];
    at += 1;
    while (at < lines.length) {
      const next = lines[at];
      const deeper = /^\s/.test(next) && next.search(/\S/) > indent.length + 1;
      const blankInside = !next.trim() && /^\s+\S/.test(lines[at + 1] ?? "") && lines[at + 1].search(/\S/) > indent.length + 1;
      const lazy = next.trim() && !deeper && !startsBlock(next) && lines[at - 1].trim();
      if (!deeper && !blankInside && !lazy) break;
      inner.push(next.replace(new RegExp(`^\\s{0,${indent.length + marker.length + 1}}`), ""));
      at += 1;
    }
    const node = element("li", items);
    blocks(node, inner, cite);
    // Loose lists have blank lines between their items.
    if (!lines[at]?.trim() && ITEM.test(lines[at + 1] ?? "")) at += 1;
  }
  return at;
}

function cells(line) {
  return line.trim().replace(/^\|/, "").replace(/\|$/, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, "|"));
}

function table(parent, lines, at, cite) {
  const frame = element("div", parent);
  frame.className = "table";
  frame.tabIndex = 0;
  const grid = element("table", frame);
  const names = cells(lines[at]);
  const head = element("tr", element("thead", grid));
  for (const name of names) inline(element("th", head), name, cite);
  const body = element("tbody", grid);
  const end = until(lines, at + 2, (line) => !line.includes("|"));
  for (const line of lines.slice(at + 2, end)) {
    const row = element("tr", body);
    const values = cells(line);
    for (let column = 0; column < names.length; column += 1) inline(element("td", row), values[column] ?? "", cite);
  }
  return end;
}

// In order of precedence: code, citation, image or link, strong, emphasis, deletion, escape.
const INLINE = /(`+)([\s\S]*?[^`])\1(?!`)|\[(\d{1,3})\](?!\()|!?\[([^\]]*)\]\((?:[^()]|\([^()]*\))*\)|(\*\*|__)(?=\S)([\s\S]*?\S)\5|(?<![\w*])([*_])(?=\S)([\s\S]*?\S)\7(?![\w*])|~~(?=\S)([\s\S]*?\S)~~|\\([\\`*_{}[\]()#+\-.!|>~])/;

function inline(parent, text, cite) {
  let rest = text;
  for (;;) {
    const found = INLINE.exec(rest);
    if (!found) break;
    plain(parent, rest.slice(0, found.index));
    rest = rest.slice(found.index + found[0].length);
    const [whole, , code, number, words, , strong, , emphasis, deleted, escaped] = found;
    if (code !== undefined) element("code", parent).textContent = code.trim();
    else if (number !== undefined) parent.append(cite(Number(number)) ?? whole);
    else if (words !== undefined) inline(parent, words, cite);
    else if (strong !== undefined) inline(element("strong", parent), strong, cite);
    else if (emphasis !== undefined) inline(element("em", parent), emphasis, cite);
    else if (deleted !== undefined) inline(element("del", parent), deleted, cite);
    else plain(parent, escaped);
  }
  plain(parent, rest);
}

function plain(parent, text) {
  const lines = text.split(/ {2,}\n|\n/);
  lines.forEach((line, index) => {
    if (index > 0) element("br", parent);
    if (line) parent.append(line);
  });
}
