"""A report as one HTML file: no scripts, nothing loaded from elsewhere, light and dark, fit to print."""

from __future__ import annotations

from html import escape

from automl.report import drawing
from automl.report.document import (
    Advice,
    Block,
    Bullets,
    Document,
    Numbers,
    Section,
    Table,
    Text,
)

SEVERITY = {"high": "Important", "warning": "Worth a look", "info": "Good to know"}

STYLE = """
:root{color-scheme:light dark;--ink:#1f2530;--dim:#5c6475;--line:#e3e6ee;--card:#f6f7fa;--accent:#4a63dd;
--high:#c0322a;--warning:#b4690e;--info:#5c6475;--paper:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9f0;--dim:#a4acbd;--line:#333a49;--card:#222836;--accent:#9fb0ff;
--high:#ff8a80;--warning:#f0b060;--info:#a4acbd;--paper:#181c25}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:860px;margin:0 auto;padding:2.2rem 1.2rem 4rem}
h1{font-size:1.7rem;margin:0 0 .2rem;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:2.2rem 0 .6rem;padding-top:.9rem;border-top:1px solid var(--line)}
p{margin:.45rem 0}.dim{color:var(--dim)}
nav{margin:1rem 0 0;font-size:.9rem}nav a{color:var(--accent);margin-right:1rem;text-decoration:none;white-space:nowrap}
ul{margin:.4rem 0;padding-left:1.2rem}li{margin:.2rem 0;overflow-wrap:anywhere}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:.7rem;margin:.8rem 0}
.numbers>div{background:var(--card);border-radius:10px;padding:.7rem .9rem}
.numbers b{display:block;font-size:1.35rem;line-height:1.25;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.88rem;margin:.6rem 0}
th,td{padding:.35rem .55rem;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
th{text-align:left;color:var(--dim);font-weight:600;overflow-wrap:break-word}
tr>:first-child:not(.r){min-width:8.5rem}
.r{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
figure{margin:1rem 0;background:#fff;border-radius:10px;padding:.4rem;overflow-x:auto}
figure.across2,figure.across3{display:inline-block;width:49%;margin:.3rem 0;vertical-align:top}figure.across3{width:32.5%}
figure.across2 svg,figure.across3 svg{min-width:0}
@media(max-width:640px){figure.across2,figure.across3{width:100%}}
figure svg{display:block;width:100%;height:auto;min-width:480px}
.advice{border-left:4px solid var(--info);background:var(--card);border-radius:0 10px 10px 0;padding:.6rem .9rem;margin:.6rem 0}
.advice.high{border-color:var(--high)}.advice.warning{border-color:var(--warning)}
.advice small{color:var(--dim);display:block}
@media print{nav{display:none}main{max-width:none;padding:0}h2{break-after:avoid}figure,.advice,tr{break-inside:avoid}
:root{--ink:#1f2530;--dim:#5c6475;--line:#e3e6ee;--card:#f6f7fa;--paper:#fff}}
"""


def render(document: Document) -> str:
    """Write a report as HTML.

    >>> from automl.report.document import Document, Section, Text
    >>> "&lt;b&gt;" in render(Document("T", "", (Section("S", (Text("<b>"),)),)))
    True
    """
    links = " ".join(f'<a href="#s{i}">{escape(s.title)}</a>' for i, s in enumerate(document.sections))
    body = "".join(_section(i, s) for i, s in enumerate(document.sections))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        'img-src data:">'
        f"<title>{escape(document.title)}</title><style>{STYLE}</style></head><body><main>"
        f'<h1>{escape(document.title)}</h1><p class="dim">{escape(document.subtitle)}</p><nav>{links}</nav>{body}'
        "</main></body></html>\n"
    )


def _section(number: int, section: Section) -> str:
    return (
        f'<section id="s{number}"><h2>{escape(section.title)}</h2>'
        + "".join(map(_block, section.blocks))
        + "</section>"
    )


def _block(block: Block) -> str:
    match block:
        case Text():
            return f"<p{' class=dim' if block.quiet else ''}>{escape(block.text)}</p>"
        case Bullets():
            return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in block.lines) + "</ul>"
        case Numbers():
            cells = "".join(
                f'<div><span class="dim">{escape(what)}</span><b>{escape(number)}</b>'
                f'<span class="dim">{escape(detail)}</span></div>'
                for what, number, detail in block.entries
            )
            return f'<div class="numbers">{cells}</div>'
        case Table():
            return _table(block)
        case Advice():
            return (
                f'<div class="advice {escape(block.severity)}"><small>{SEVERITY[block.severity]}</small>'
                f"<b>{escape(block.title)}</b><p>{escape(block.text)}</p></div>"
            )
        case _:
            across = drawing.side_by_side(block)
            beside = f' class="across{across}"' if across > 1 else ""
            return f'<figure{beside} role="img" aria-label="{escape(block.title)}">{drawing.svg(block)}</figure>'


def _table(table: Table) -> str:
    def row(cells: tuple[str, ...], tag: str) -> str:
        return (
            "<tr>"
            + "".join(
                f"<{tag}{' class=r' if i in table.right else ''}>{escape(str(c))}</{tag}>"
                for i, c in enumerate(cells)
            )
            + "</tr>"
        )

    rows = "".join(row(cells, "td") for cells in table.rows[: table.most])
    more = len(table.rows) - table.most
    rest = f'<p class="dim">and {more:,} more</p>' if more > 0 else ""
    return f'<div class="scroll"><table><thead>{row(table.header, "th")}</thead><tbody>{rows}</tbody></table></div>{rest}'
