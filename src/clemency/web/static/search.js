// Search where there is no server: the same index, the same table of spellings and the same order as the server has.
"use strict";
(() => {
  const { kinds, worth, least, entries, groups, silent } = SEARCH_INDEX;
  const form = document.querySelector("form.ask"), input = form.q;
  const shown = Object.fromEntries(["found", "count", "nothing", "more", "results"].map(id => [id, document.getElementById(id)]));
  const most = Number(form.dataset.most), end = form.dataset.end;
  const escaped = text => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const byLength = Object.keys(groups).sort((a, b) => b.length - a.length);
  const group = new RegExp(byLength.map(escaped).join("|"), "gu");
  const mute = new Set(silent);

  const bare = letter => {
    if (letter === "й" || letter === "ё") return letter;
    if (letter === "ı") return "i";
    return letter.normalize("NFD").replace(/\p{M}/gu, "");
  };
  const plain = text => {
    const small = text.normalize("NFC").replace(/[İI]/g, "i").toLowerCase();
    return [...small].filter(letter => !mute.has(letter)).map(bare).join("");
  };
  const sound = word => {
    const key = word.replace(group, found => groups[found]);
    return /^\p{Nd}/u.test(word) ? key : key.replace(/(.)\1+/gu, "$1");
  };
  const words = text => {
    const joined = text.replace(/(?<=\p{Nd})[,\u00a0\u202f ](?=\p{Nd}{3}(?!\p{Nd}))/gu, "");
    return plain(joined).match(/\p{Nd}+(?:[-.]\p{Nd}+)*|[\p{L}]+/gu) || [];
  };
  const begins = (text, start) => /^\p{Nd}/u.test(start)
    ? text.startsWith(start + ".") || text.startsWith(start + "-")
    : start.length >= least && text.startsWith(start);

  const little = word => word.length < least && !/^\p{Nd}/u.test(word);

  let index = null;
  const read = () => index ||= entries.map(([kind, title, note, language, place, others]) => {
    const written = words(title);
    return { kind, title, note, language, place, written, sounds: written.map(sound), others: others.split(" ") };
  });

  const worthOfWord = (one, word, key) => {
    const ways = [[one.written, word], [one.sounds, key], [one.others, key]];
    for (const [way, [among, wanted]] of ways.entries()) {
      if (among.includes(wanted)) return worth[2 * way];
      if (among.some(each => begins(each, wanted))) return worth[2 * way + 1];
    }
    return 0;
  };
  const find = asked => {
    const wanted = [...new Set(words(asked))].map(word => [word, sound(word)]);
    if (!wanted.length) return [];
    const found = [];
    for (const one of read()) {
      let total = 0;
      for (const [word, key] of wanted) {
        const each = worthOfWord(one, word, key);
        if (!each && !little(word)) { total = 0; break; }
        total += each;
      }
      if (total > 0) found.push([total, one]);
    }
    return found.sort((a, b) => b[0] - a[0]).map(([, one]) => one);
  };

  const element = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) if (value) made.setAttribute(key, value);
    return made;
  };
  const address = place => {
    const [path, fragment] = place.split("#");
    const file = path === "" || path.endsWith("/") ? path + end : path;
    return "../" + file + (fragment ? "#" + fragment : "");
  };
  const show = asked => {
    const found = find(asked);
    shown.found.hidden = asked.trim() === "";
    shown.count.textContent = found.length.toLocaleString(document.documentElement.lang);
    shown.nothing.hidden = found.length > 0;
    shown.more.hidden = found.length <= most;
    shown.results.replaceChildren(...found.slice(0, most).map(one => {
      const item = document.createElement("li");
      item.append(element("a", one.title, { href: address(one.place), lang: one.language }), " ");
      item.append(element("span", kinds[one.kind], { class: "what" }));
      if (one.note) item.append(element("p", one.note));
      return item;
    }));
  };

  const given = new URLSearchParams(location.search).get("q");
  if (given && !input.value) input.value = given;
  if (input.value) show(input.value);
  input.addEventListener("input", () => show(input.value));
  form.addEventListener("submit", event => {
    event.preventDefault();
    show(input.value);
    const place = new URL(location.href);
    place.searchParams.set("q", input.value);
    try { history.replaceState(null, "", place); } catch { /* a page opened from a folder keeps its address */ }
  });
})();
