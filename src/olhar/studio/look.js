// The studio in a browser: language, before/after sliders, choosing a place, and what buttons say.
// Everything is heard at the document, since Gradio makes the parts of a page anew as they change.

(() => {
  const root = document.documentElement;
  const kept = () => { try { return localStorage.getItem("olhar.language"); } catch { return null; } };
  const language = kept() ?? (/^pt\b/i.test(navigator.language) ? "pt-BR" : "en");
  // Gradio asks the browser for its language, so the one that was chosen is what the browser says.
  Object.defineProperty(navigator, "language", { get: () => language });
  Object.defineProperty(navigator, "languages", { get: () => [language] });
  const speak = () => { if (root.lang !== language) root.lang = language; };
  speak();
  new MutationObserver(speak).observe(root, { attributes: true, attributeFilter: ["lang"] });

  // A studio that was started anew does not know this page any more; asked again, it says what to do.
  const ask = window.fetch;
  window.fetch = async (...given) => {
    const answer = await ask(...given);
    if (answer.status === 401) location.reload();
    return answer;
  };

  // Descriptions that are no text: of pictures, sliders and buttons, in the language of the page.
  const portuguese = language !== "en";
  // Gradio describes its parts in English in every language.
  const gradios = [
    [/^range slider for (.*)/, "$1"],
    [/^number input for (.*)/, "$1, em números"],
    [/^Click to upload or drop files$/, "Escolher ou soltar arquivos"],
    [/^Remove this file$/, "Retirar este arquivo"],
    [/^File upload$/, "Arquivo"],
    [/^More tabs$/, "Mais abas"],
  ];
  const name = (each) => {
    const said = portuguese && each.getAttribute?.("aria-label");
    const found = said && gradios.find(([english]) => english.test(said));
    if (found) each.setAttribute("aria-label", said.replace(...found));
    if (!each.dataset?.en) return;
    const kind = each.tagName === "IMG" ? "alt" : "aria-label";
    const words = portuguese ? each.dataset.pt : each.dataset.en;
    if (each.getAttribute(kind) !== words) each.setAttribute(kind, words);
  };
  const sized = (link) => {  // "65.3 KB", as Gradio says it
    for (const each of link.childNodes)
      if (portuguese && each.nodeType === 3) each.data = each.data.replace(/(\d)\.(\d)/, "$1,$2");
  };
  const dated = 'input[placeholder="YYYY-MM-DD"]';
  const describe = (node) => {
    if (portuguese) for (const each of node.querySelectorAll(dated)) each.placeholder = "AAAA-MM-DD";
    for (const each of node.querySelectorAll(".file-preview .download-link")) sized(each);
    for (const each of [node, ...node.querySelectorAll("[data-en], [aria-label]")]) name(each);
    for (const box of node.querySelectorAll(".compare")) split(box);
    for (const each of [node, ...node.querySelectorAll("[data-put]")]) put(each);
    const here = node.querySelector(".studio-top [aria-current]");  // in sight on a phone too
    if (here) here.closest("ul").scrollLeft = here.offsetLeft - here.closest("ul").offsetLeft - 16;
  };

  // What a lesson's cells give goes under them; the rest of the page stays, and so does the focus.
  const put = (each) => {
    const slot = each.dataset?.put && document.getElementById(each.dataset.put);
    if (!slot || slot.dataset.now === each.dataset.now) return;
    const held = slot.contains(document.activeElement);
    slot.dataset.now = each.dataset.now;
    slot.innerHTML = each.dataset.inside;
    if (held || (document.activeElement === document.body && slot.querySelector(".guess")))
      (slot.querySelector("input, button") ?? slot).focus({ preventScroll: true });
  };

  const split = (box) => {
    const input = box.querySelector("input[type=range]");
    if (input) box.style.setProperty("--split", input.value + "%");
  };
  const places = (event, box) => {
    const { left, top, width, height } = box.getBoundingClientRect();
    const share = (value) => Math.min(1, Math.max(0, value));
    return [share((event.clientX - left) / width), share((event.clientY - top) / height)];
  };
  const tell = (node, detail) => {
    hold(node, detail.do);
    node.dispatchEvent(new CustomEvent("olhar", { bubbles: true, detail }));
  };

  document.addEventListener("input", (event) => {
    const box = event.target.closest?.(".compare");
    if (box) split(box);
  });
  let held = null;
  const follow = (event) => {
    const input = held.querySelector("input[type=range]");
    input.value = 100 * places(event, held)[0];
    split(held);
  };
  document.addEventListener("pointerdown", (event) => {
    const box = event.target.closest?.(".compare");
    if (!box) return;
    held = box;
    box.querySelector("input").focus({ preventScroll: true });
    follow(event);
  });
  document.addEventListener("pointermove", (event) => { if (held && event.buttons) follow(event); });
  document.addEventListener("pointerup", () => { held = null; });

  // Places in a picture: a click is a point and a drag a line; or arrows and Enter on the cross.
  let line = null;
  const draw = () => {
    const { svg, drawn, path } = line;
    const { width, height } = svg.viewBox.baseVal;
    drawn.setAttribute("points", path.map(([x, y]) => `${x * width},${y * height}`).join(" "));
  };
  document.addEventListener("pointerdown", (event) => {
    const field = event.target.closest?.(".pick");
    if (!field || event.button || event.target.closest("[data-do]")) return;
    const svg = field.querySelector("svg");
    const drawn = document.createElementNS(svg.namespaceURI, "polyline");
    drawn.setAttribute("stroke", svg.dataset.brush || "currentColor");
    drawn.setAttribute("stroke-width", svg.dataset.width);
    svg.append(drawn);
    const { pointerId: pointer, clientX, clientY } = event;
    line = { field, svg, drawn, pointer, path: [places(event, field)], from: [clientX, clientY], long: false };
    field.setPointerCapture(pointer);
    field.focus({ preventScroll: true });
  });
  document.addEventListener("pointermove", (event) => {
    if (!line || !event.buttons) return;
    line.long ||= Math.hypot(event.clientX - line.from[0], event.clientY - line.from[1]) > 8;
    const [x, y] = places(event, line.field);
    const [beforeX, beforeY] = line.path.at(-1);
    if (line.long && Math.hypot(x - beforeX, y - beforeY) > 0.008 && line.path.length < 200) {
      line.path.push([x, y]);
      draw();
    }
  });
  document.addEventListener("pointerup", () => {
    if (!line) return;
    const { field, path } = line;
    if (path.length === 1) line.drawn.remove();
    line = null;
    mark(field, ...path[path.length >> 1]);
    tell(field, { do: "pick", points: path });
  });
  // The picture may come anew, with earlier lines, while one is being drawn: it goes on in the new one.
  const carry = () => {
    const field = document.querySelector(".pick");
    if (!line || !field || line.field === field) return;
    Object.assign(line, { field, svg: field.querySelector("svg") });
    line.svg.append(line.drawn);
    field.setPointerCapture(line.pointer);
  };
  document.addEventListener("pointercancel", () => { line?.drawn.remove(); line = null; });

  // What can be done below the picture comes anew with each answer; the focus goes where one goes on.
  let wanted = "";
  const hold = (node, deed) => {
    if (node.closest(".pick, .painting"))
      wanted = deed === "pick" || deed === "select" ? ".swatches button" : ".pick";
  };
  const refocus = () => {
    const field = document.querySelector(".pick");
    const active = document.activeElement;
    if (!wanted || !field || !(active === document.body || active?.closest(".pick, .painting"))) return;
    (document.querySelector(wanted) ?? field).focus({ preventScroll: true });
    wanted = "";
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-do]");
    if (!button || button.disabled || button.tagName === "INPUT") return;
    if (button.dataset.sure) {
      const { sureEn, surePt } = button.dataset;
      if (!window.confirm(portuguese ? surePt : sureEn)) return;
    }
    const guess = button.closest(".guess")?.querySelector("input");
    const ticked = button.dataset.gather &&
      [...button.closest("[data-gathered]").querySelectorAll("input:checked")].map((each) => each.value);
    tell(button, { ...button.dataset, ...(guess && { value: guess.value }), ...(ticked && { ticked }) });
  });
  // Faces are ticked one by one, or with Shift all from the last one on.
  let ticked = null;
  document.addEventListener("click", (event) => {
    const input = event.target.closest?.(".crop input");
    if (!input) return;
    const all = [...input.closest(".crops").querySelectorAll("input")];
    const [from, to] = [all.indexOf(ticked), all.indexOf(input)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0)
      for (const each of all.slice(from, to)) each.checked = input.checked;
    ticked = input;
  });
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.matches?.("input[data-do]")) tell(input, { ...input.dataset, value: input.value });
  });
  const mark = (field, x, y) => {
    const cross = field.querySelector(".cross");
    cross.style.left = 100 * x + "%";
    cross.style.top = 100 * y + "%";
    cross.dataset.x = x;
    cross.dataset.y = y;
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.(".guess input"))
      event.target.closest(".guess").querySelector("button").click();
    const field = event.target.closest?.(".pick");
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!field || event.target !== field || (!step && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    const { x, y } = field.querySelector(".cross").dataset;
    if (step) {
      const move = (from, by) => Math.min(1, Math.max(0, from + by * (event.shiftKey ? 0.1 : 0.02)));
      mark(field, move(+x, step[0]), move(+y, step[1]));
    } else tell(field, { do: "pick", points: [[+x, +y]] });
  });

  // On a phone a page shows what a button begins above it, out of sight.
  document.addEventListener("click", (event) => {
    const desk = event.target.closest?.(".settings button.primary")?.closest(".desk");
    const stage = desk?.querySelector(".column:not(.settings) > .studio");
    if (!stage) return;
    const { top } = stage.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) stage.scrollIntoView({ block: "start" });
  });

  // Gradio takes a slider for moved when a pointer lets go of it; keys move it too.
  document.addEventListener("keyup", (event) => {
    if (event.target.matches?.("input[type=range]") && /^(Arrow|Page|Home|End)/.test(event.key))
      event.target.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
  });

  // A folder, sent file by file with the names of its folders, to learn from.
  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!input.matches?.("input[webkitdirectory]")) return;
    const files = [...input.files].filter((file) => !/(^|\/)\./.test(file.webkitRelativePath));
    const sending = input.closest(".folder").querySelector(".sending");
    const bar = sending.querySelector("[role=progressbar]");
    const name = files[0]?.webkitRelativePath.split("/")[0] ?? "";
    const count = new Intl.NumberFormat(language);
    sending.hidden = false;
    let taken = 0;
    for (const [done, file] of files.entries()) {
      const path = encodeURIComponent(file.webkitRelativePath);
      const answer = await fetch(`/studio/folder/file?path=${path}`, { method: "POST", body: file });
      if (!answer.ok && answer.status !== 415) {
        tell(input, { do: "refused", why: await answer.text() });
        break;
      }
      taken += answer.ok;
      bar.style.setProperty("--share", (100 * (done + 1)) / files.length + "%");
      bar.setAttribute("aria-valuenow", Math.round((100 * (done + 1)) / files.length));
      sending.querySelector("output").value = `${count.format(done + 1)} / ${count.format(files.length)}`;
    }
    sending.hidden = true;
    input.value = "";  // the same folder may be sent again
    tell(input, { do: "sent", name, taken });
  });

  document.addEventListener("DOMContentLoaded", () => {
    describe(document.body);
    for (const button of document.querySelectorAll("[data-language]"))
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    new MutationObserver((changes) => {
      for (const change of changes) {
        // All of them: Gradio leaves those alone that say what they said, and their slots may be new.
        if (change.target.dataset?.put) for (const each of change.target.parentNode.children) put(each);
        if (change.type === "attributes") name(change.target);
        for (const node of change.addedNodes) if (node.nodeType === 1) {
          describe(node);
          for (const button of node.querySelectorAll("[data-language]"))
            button.setAttribute("aria-pressed", String(button.dataset.language === language));
        }
      }
      carry();
      const painted = (node) => node.closest?.(".painting") ?? node.querySelector?.(".painting");
      if (changes.some((change) => painted(change.target))) refocus();
    }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-now", "data-pt", "aria-label", "alt"] });
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-language]");
    if (!button) return;
    try { localStorage.setItem("olhar.language", button.dataset.language); } catch { /* then not */ }
    location.reload();
  });
})();
