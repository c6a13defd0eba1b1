"""A page in headless Chromium: what a person would see of it, as numbers and as a picture.

The page stands in a frame of the asked width (a window can't be narrower than 500 pixels), and a
script of ours, added to a copy of the page, writes its measurements into the page around it: all
before that page counts as loaded, so that nothing here waits or hopes.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

NAMES = ("chromium", "chromium-browser", "google-chrome")
Scheme = Literal["light", "dark"]

_FLAGS = (
    "--headless",
    "--no-sandbox",  # Chromium refuses to sandbox itself as root, which is what CI is
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--allow-file-access-from-files",  # the page in the frame writes into the page around it
    "--force-device-scale-factor=1",
)
_SCHEMES = {"dark": 0, "light": 1}
_ROOM = 2000  # the frame's height while measuring; a page's own height does not depend on it
_NARROWEST = 500  # pixels that a window keeps, whatever is asked for
_FRAME = 200  # more than a window's own bars take from its height
_SECONDS = 60

# The measuring script may run although the page allows none; everything else stays forbidden.
_FORBIDDEN = "default-src 'none'"
_ALLOWED = "default-src 'none'; script-src 'nonce-measuring'"
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')

_MEASURE = """
<script nonce="measuring">
const rgb = text => {
  const parts = text.match(/[\\d.]+/g).map(Number);
  return text.startsWith("color(srgb") ? parts.slice(0, 3).map(part => 255 * part) : parts;
};
const light = colour => {
  const linear = colour.slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
};
const contrast = (element, paper) => {
  let seen = 1;
  for (let node = element; node; node = node.parentElement) seen *= getComputedStyle(node).opacity;
  const ink = rgb(getComputedStyle(element).color).map((part, n) => seen * part + (1 - seen) * paper[n]);
  const [low, high] = [light(ink), light(paper)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const hasText = element => [...element.childNodes].some(
  node => node.nodeType === Node.TEXT_NODE && node.data.trim());
const references = ["src", "href", "srcset", "poster", "data", "action", "formaction", "background"];
addEventListener("load", () => {
  const images = [...document.images];
  const root = document.documentElement;
  const patch = document.createElement("div");
  patch.style.background = "Canvas";
  document.body.append(patch);
  const paper = rgb(getComputedStyle(patch).backgroundColor);
  patch.remove();
  const elements = [...document.body.querySelectorAll("*")];
  const written = elements.filter(element => element.tagName !== "SCRIPT" && hasText(element));
  parent.document.getElementById("measured").textContent = JSON.stringify({
    width: innerWidth,
    content_width: root.scrollWidth,
    height: Math.ceil(root.getBoundingClientRect().height) + 64,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    ran: root.dataset.ran ?? "",
    scripts: document.scripts.length - 1,
    handlers: elements.flatMap(element => element.getAttributeNames()).filter(name => /^on/.test(name)),
    references: elements.flatMap(element => references.map(name => element.getAttribute(name)))
      .filter(value => value !== null).map(value => value.slice(0, 100)),
    pictures: images.map(image => [image.naturalWidth, image.naturalHeight, image.clientWidth]),
    faintest: written.map(element => [contrast(element, paper), element.textContent.trim().slice(0, 60)])
      .sort((a, b) => a[0] - b[0])[0],
    text: document.body.innerText,
  });
});
</script>
"""
_AROUND = """<!doctype html><meta charset="utf-8"><title>around</title>
<style>:root {{ color-scheme: light dark; }} body {{ margin: 0; }} pre {{ display: none; }}
iframe {{ display: block; border: 0; width: {width}px; height: {height}px; }}</style>
<pre id="measured"></pre>
<iframe src="{name}"></iframe>
"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What Chromium made of a page.

    width, content_width, height: of the frame, of what is in it, in CSS pixels.
    ran: what a hostile script of a test left behind. scripts: how many script elements there are.
    handlers: attributes such as onerror. references: every address that the page names.
    pictures: natural width and height, and the width shown. faintest: the lowest contrast between
    a text and its ground (WCAG 2.2), and that text.
    """

    width: int
    content_width: int
    height: int
    dark: bool
    ran: str
    scripts: int
    handlers: list[str]
    references: list[str]
    pictures: list[tuple[int, int, int]]
    faintest: tuple[float, str]
    text: str


@dataclass
class Chromium:
    """Headless Chromium, with a folder in which pages and profiles may lie."""

    program: str
    folder: Path
    _count: int = field(default=0, init=False)

    def measure(
        self, page: str, *, width: int, scheme: Scheme = "light", policy: bool = True
    ) -> Seen:
        """Look at a page. policy: False takes the page's own ban of scripts away."""
        shown = page.replace(_FORBIDDEN, _ALLOWED) if policy else _POLICY.sub("", page)
        shown = shown.replace("</body>", _MEASURE + "</body>")
        dom = self._run("--dump-dom", shown, scheme=scheme, size=(width, _ROOM))
        found = re.search(r'<pre id="measured">(.*?)</pre>', dom, re.DOTALL)
        assert found, f"the page did not answer: {dom[:500]}"
        values: dict[str, Any] = json.loads(html.unescape(found[1]))
        return Seen(**values)

    def screenshot(
        self, page: str, *, width: int, height: int, scheme: Scheme = "light"
    ) -> NDArray[np.uint8]:
        """The page as a picture, (height, width, 3)."""
        from PIL import Image

        target = self.folder / f"shot{self._count}.png"
        self._run(f"--screenshot={target}", page, scheme=scheme, size=(width, height))
        with Image.open(target) as image:
            return np.asarray(image.convert("RGB"))[:height, :width]

    def _around(self, page: str, size: tuple[int, int]) -> str:
        """Write the page and the page around it; the address of the latter."""
        name, (width, height) = f"page{self._count}.html", size
        (self.folder / name).write_text(page, "utf-8")
        around = self.folder / f"around{self._count}.html"
        around.write_text(_AROUND.format(width=width, height=height, name=name), "utf-8")
        return around.as_uri()

    def _run(self, wanted: str, page: str, *, scheme: Scheme, size: tuple[int, int]) -> str:
        self._count += 1
        profile = self.folder / f"profile{self._count}"
        flags = (
            f"--user-data-dir={profile}",
            f"--window-size={max(_NARROWEST, size[0])},{size[1] + _FRAME}",
            f"--blink-settings=preferredColorScheme={_SCHEMES[scheme]}",
        )
        done = subprocess.run(
            [self.program, *_FLAGS, *flags, wanted, self._around(page, size)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-1000:]
        shutil.rmtree(profile, ignore_errors=True)
        return done.stdout


def chromium_path() -> str | None:
    """The first Chromium on the path, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)
