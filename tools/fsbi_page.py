"""One self-contained page of text, tables and pictures, as tools/fsbi-report and tools/fsbi-rule make it."""
import base64
import html
import io
import os
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

import fsbi  # noqa: E402

STYLE = """
body { font: 15px/1.45 sans-serif; color: #222; max-width: 1100px; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em; border-bottom: 1px solid #ccc }
table { border-collapse: collapse } td, th { padding: 2px 10px; text-align: right; font-variant-numeric: tabular-nums }
td:first-child, th:first-child { text-align: left } tr + tr td { border-top: 1px solid #eee }
img { max-width: 100%; height: auto } figure { margin: 1em 0; break-inside: avoid } figcaption { color: #555; font-size: 0.92em }
pre { background: #f6f6f6; padding: 0.8em; overflow-x: auto; font-size: 12px }
@media print { body { margin: 0; max-width: none; font-size: 11px } h2 { break-after: avoid } details { display: none } }
"""


def refuse_unwritable(path, source):
    """Before the work, not after it: also a page that would take the place of what it is made from, or of something that is no file."""
    if os.path.exists(path) and os.path.samefile(path, source):
        sys.exit(f"'{path}' is what is read from: choose another --output")
    if os.path.exists(path) and not os.path.isfile(path):
        sys.exit(f"'{path}' is no file: choose another --output")
    folder = os.path.dirname(os.path.realpath(path))
    if not os.access(folder, os.W_OK):
        sys.exit(f"cannot write '{path}': there is no folder '{folder}', or no permission to write there")


class Page:
    """The page as it grows."""

    def __init__(self, title, pictures):
        self.parts = [f"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title><style>{STYLE}</style>",
                      f"<h1>{html.escape(title)}</h1>"]
        self.pictures = pictures

    def text(self, words):
        self.parts.append(f"<p>{html.escape(words)}</p>")

    def heading(self, words):
        self.parts.append(f"<h2>{html.escape(words)}</h2>")

    def table(self, header, rows):
        cells = ["".join(f"<th>{html.escape(str(cell))}</th>" for cell in header)]
        cells += ["".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) for row in rows]
        self.parts.append("<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>")

    def details(self, summary, content):
        self.parts.append(f"<details><summary>{html.escape(summary)}</summary><pre>{html.escape(content)}</pre></details>")

    def picture(self, name, figure, caption, instead=""):
        """`instead`: words for those who cannot see it, by default the caption."""
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=130)
        figure.set_layout_engine("none")  # it stays as laid out: to do it anew takes a third of the time
        if self.pictures:
            os.makedirs(self.pictures, exist_ok=True)
            for kind in ("pdf", "png"):
                figure.savefig(os.path.join(self.pictures, f"{name}.{kind}"), dpi=200)
        pyplot.close(figure)
        data = base64.b64encode(buffer.getvalue()).decode()
        below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
        self.parts.append(f'<figure><img id="{name}" alt="{html.escape(instead or caption)}" src="data:image/png;base64,{data}">{below}'
                          "</figure>")

    def write(self, path):
        path = os.path.realpath(path)  # what a link leads to is meant
        with open(path + ".unfinished", "w", encoding="utf-8") as stream:
            stream.write("\n".join(self.parts))
        os.replace(path + ".unfinished", path)


def grid(count, columns, height=2.3):
    """Axes for so many pictures, `columns` side by side."""
    shown = min(count, columns)
    rows = -(-count // shown)
    figure, axes = pyplot.subplots(rows, shown, figsize=(11 * shown / columns, height * rows), squeeze=False, layout="constrained")
    for ax in axes.flat[count:]:
        ax.set_visible(False)
    return figure, axes.flat


def show_portrait(page, portrait, prefix=""):
    """The pictures of a rule in their order: wide ones across the page, others three side by side."""
    narrow = []
    for picture in [*portrait.pictures, None]:
        if (picture is None or picture.wide) and narrow:
            _show_pictures(page, narrow, 4 if len(narrow) % 4 == 0 else 3, prefix)
            narrow = []
        if picture is not None and picture.wide:
            _show_pictures(page, [picture], 1, prefix)
        elif picture is not None:
            narrow.append(picture)


def _show_pictures(page, pictures, columns, prefix):
    figure, axes = grid(len(pictures), columns, 2.8)
    for ax, picture in zip(axes, pictures):
        fsbi.plot_picture(ax, picture)
    page.picture(prefix + pictures[0].name, figure, "", "; ".join(picture.title for picture in pictures))
