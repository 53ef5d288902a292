// The language switch and the before/after sliders. Without it the page is English and at rest.

const root = document.documentElement;
const shown = (language) => {
  root.lang = language;
  document.title = root.dataset[language === "en" ? "titleEn" : "titlePt"];
  for (const node of document.querySelectorAll("[data-en]")) {
    const name = node.tagName === "IMG" ? "alt" : "aria-label";
    node.setAttribute(name, language === "en" ? node.dataset.en : node.dataset.pt);
  }
  for (const button of document.querySelectorAll("[data-language]"))
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
};

// A page opened from the disk may have no storage.
const remembered = () => {
  try { return localStorage.getItem("olhar.language"); } catch { return null; }
};
const remember = (language) => {
  try { localStorage.setItem("olhar.language", language); } catch { /* then not */ }
};
shown(remembered() ?? (/^pt\b/i.test(navigator.language) ? "pt-BR" : "en"));
document.querySelector(".languages").hidden = false;
for (const button of document.querySelectorAll("[data-language]"))
  button.addEventListener("click", () => {
    shown(button.dataset.language);
    remember(button.dataset.language);
  });

for (const box of document.querySelectorAll(".compare")) {
  const input = box.querySelector("input");
  const move = () => box.style.setProperty("--split", input.value + "%");
  const follow = (event) => {
    const { left, width } = box.getBoundingClientRect();
    input.value = 100 * (event.clientX - left) / width;
    move();
  };
  input.addEventListener("input", move);
  box.addEventListener("pointerdown", (event) => {
    box.setPointerCapture(event.pointerId);
    input.focus({ preventScroll: true });
    follow(event);
  });
  box.addEventListener("pointermove", (event) => { if (event.buttons) follow(event); });
  move();
}
