"""The rules beyond the theme in .streamlit/config.toml. Keyed containers are addressed by their keys."""

from __future__ import annotations

ACCENT = "#4a63dd"

STYLE = (
    """
<style>
:root{--ft-accent:#4a63dd;--ft-line:color-mix(in srgb,currentColor 13%,transparent);
  --ft-warn:#b4690e;--ft-high:#c0322a;--ft-calm:#8b95a7}
.stMainBlockContainer{max-width:1200px;padding:2.4rem 2.75rem 4rem}
.stApp:not(:has([data-testid="stExpandSidebarButton"])) [data-testid="stHeader"]{background:transparent}
[data-testid="stHeader"],[data-testid="stHeader"] [data-testid="stToolbar"]{pointer-events:none}
.stApp:has([data-testid="stExpandSidebarButton"]) .stMainBlockContainer{padding-top:4.2rem}
[data-testid="stHeader"] button,[data-testid="stHeader"] a{pointer-events:auto}
[data-testid="stCaptionContainer"]{color:color-mix(in srgb,currentColor 100%,transparent);opacity:.86}
h1{letter-spacing:-.012em}
[data-testid="stBadge"],.stMarkdownBadge{border-radius:999px!important;padding:.12rem .6rem!important;font-weight:600}
"""
    # what pages write by themselves
    """
.ft{--line:color-mix(in srgb,currentColor 13%,transparent);--soft:color-mix(in srgb,currentColor 8%,transparent);
  --dim:color-mix(in srgb,currentColor 70%,transparent);--accent:var(--ft-accent);font-size:.93rem;line-height:1.45}
.ft table{width:100%;border-collapse:collapse;margin:0}
.ft th{font-weight:600;color:var(--dim);font-size:.82rem;text-align:left;padding:.4rem .6rem;border:0;
  border-bottom:1px solid var(--line);white-space:nowrap}
.ft td{padding:.5rem .6rem;border:0;border-bottom:1px solid var(--line);vertical-align:middle}
.ft tr>:first-child{padding-left:0}
.ft tr>:last-child{padding-right:0}
.ft tr:last-child td{border-bottom:0}
.ft .r{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.ft .line{white-space:nowrap}
.ft .dim{color:var(--dim)}
.ft>.dim{overflow-wrap:anywhere}
.ft .small{font-size:.84rem}
.ft .name{overflow-wrap:anywhere}
.ft .first{font-weight:650}
.ft .first .small{font-weight:400}
.ft .on{color:var(--accent);font-weight:600}
@media (prefers-color-scheme:dark){.ft .on{color:#9fb0ff}}
.ft .bar{display:inline-block;vertical-align:middle;width:92px;height:7px;border-radius:4px;background:var(--soft);
  overflow:hidden;margin-right:.5rem}
.ft .bar i{display:block;height:100%;background:var(--accent);border-radius:4px}
.ft .bar.gap i{background:color-mix(in srgb,currentColor 42%,transparent)}
.ft .chip{display:inline-block;min-width:2.5rem;text-align:center;padding:.05rem .35rem;margin-right:.45rem;
  border-radius:5px;background:var(--soft);color:var(--dim);font-size:.72rem;font-weight:600}
.ft .spark{display:inline-flex;align-items:flex-end;gap:1px;height:26px;vertical-align:middle}
.ft .spark i{display:block;width:8px;border-radius:1.5px 1.5px 0 0;background:color-mix(in srgb,currentColor 34%,transparent)}
.ft .big{font-size:1.85rem;font-weight:700;line-height:1.25;margin-right:.5rem;letter-spacing:-.01em}
.ft-figures{display:flex;flex-wrap:wrap;gap:.4rem 2rem}
.ft-figures .mid{font-size:1.3rem;font-weight:650;font-variant-numeric:tabular-nums}
.ft .scroll{overflow-x:auto}
.ft ul{margin:.2rem 0 .2rem 1.1rem;padding:0}
.ft li{margin:.25rem 0;overflow-wrap:anywhere}
.ft-finding{overflow-wrap:anywhere;border-left:4px solid var(--ft-calm);padding:.1rem 0 .1rem .85rem;margin:.2rem 0 .3rem;border-radius:2px}
.ft-finding.warning{border-color:var(--ft-warn)}
.ft-finding.high{border-color:var(--ft-high)}
.ft-facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.2rem,1fr));gap:.55rem .9rem;margin:.2rem 0 .4rem}
.ft-long{max-height:44rem;overflow-y:auto}
.ft tr.on td{background:color-mix(in srgb,var(--accent) 9%,transparent);font-weight:inherit;color:inherit}
.ft-done{color:var(--ft-accent);font-weight:700;margin-right:.3rem}
.ft-finding b{display:block;margin:.05rem 0}
.ft .ft-download{display:inline-block;padding:.42rem .85rem;border-radius:.5rem;border:1px solid var(--line);
  color:inherit;text-decoration:none;white-space:nowrap;font-size:.95rem}
.ft .ft-download:hover{border-color:var(--accent);color:var(--accent)}
.ft .ft-download.primary{background:var(--accent);border-color:var(--accent);color:#fff}
.ft .ft-download.primary .dim{color:rgba(255,255,255,.82)}
.ft-row{display:grid;grid-template-columns:minmax(8rem,17rem) 1fr 5.8rem;gap:.8rem;align-items:center;
  padding:.42rem 0;border-bottom:1px solid var(--line)}
.ft-row:last-child{border-bottom:0}
.ft-row .track{height:9px;border-radius:5px;background:var(--soft)}
.ft-row .track i{display:block;height:100%;border-radius:5px;background:var(--accent)}
.ft-why{display:grid;grid-template-columns:minmax(7rem,1.2fr) minmax(6rem,1fr) 6.4rem;gap:.7rem;align-items:center;
  padding:.28rem 0;border-bottom:1px solid var(--line);font-size:.88rem}
.ft-why:last-child{border-bottom:0}
.ft-why .track{position:relative;height:9px;background:linear-gradient(var(--line),var(--line)) center/1px 100% no-repeat}
.ft-why .track i{position:absolute;top:0;height:100%;border-radius:3px}
.ft-why .up{background:var(--accent)}
.ft-why .down{background:var(--ft-warn)}
.ft .differs{font-weight:650;background:color-mix(in srgb,var(--ft-accent) 12%,transparent)}
.ft-scale{position:relative;height:3.4rem;margin:.9rem .4rem 0}
.ft-scale .track{position:absolute;left:0;right:0;top:.55rem;height:.4rem;border-radius:4px;background:var(--line)}
.ft-scale .range{position:absolute;top:.55rem;height:.4rem;min-width:4px;background:var(--accent);border-radius:4px}
.ft-scale .dot{position:absolute;top:.3rem;width:.9rem;height:.9rem;margin-left:-.45rem;border-radius:50%;
  background:var(--accent)}
.ft-scale .tick{position:absolute;top:.2rem;width:2px;height:1.1rem;background:currentColor;opacity:.6}
.ft-scale span{position:absolute;top:1.7rem;transform:translateX(-50%);white-space:nowrap;font-size:.82rem}
"""
    # the sidebar: links in groups, the queue and the user at its foot
    """
[data-testid="stSidebarContent"]{display:flex;flex-direction:column}
[data-testid="stSidebarUserContent"]{flex:1;display:flex;padding-bottom:1.2rem}
[data-testid="stSidebarUserContent"]>div{flex:1;display:flex}
[data-testid="stSidebarUserContent"]>div>[data-testid="stVerticalBlock"]{flex:1}
.st-key-foot{margin-top:auto}
[data-testid="stLayoutWrapper"]:has(>.st-key-foot){margin-top:auto}
.st-key-nav{gap:.1rem}
.st-key-nav a{padding:.42rem .7rem;border-radius:.5rem;width:100%}
.st-key-nav [data-testid="stPageLink"],.st-key-nav [data-testid="stPageLink"]>div,
.st-key-nav .stElementContainer{width:100%!important}
.st-key-nav p{font-size:.95rem}
[class*="st-key-nav-now"] a{background:color-mix(in srgb,var(--ft-accent) 13%,transparent)!important}
[class*="st-key-nav-now"] a p{font-weight:650;color:color-mix(in srgb,var(--ft-accent) 82%,currentColor)}
"""
    # a model's steps
    """
.st-key-steps{border-bottom:1px solid var(--ft-line);margin:-.2rem 0 .5rem;gap:1.6rem;flex-wrap:nowrap}
.st-key-steps a{padding:.3rem .1rem .5rem;margin:0;border-radius:0;background:transparent!important;opacity:.78}
.st-key-steps a:hover{opacity:1}
.st-key-steps a p{font-weight:600;font-size:1rem;white-space:nowrap}
.st-key-step-now{box-shadow:0 1px 0 0 var(--ft-accent),inset 0 -1px 0 0 var(--ft-accent)}
.st-key-step-now a{opacity:1}
.st-key-step-now a p{font-weight:700}
"""
    # cards: what ends a card stands at its bottom; a plan's step stands close to its reason
    """
[data-testid="stLayoutWrapper"]:has(>[class*="st-key-end-"]){margin-top:auto}
[class*="st-key-planned-"]{padding:.35rem 0;border-bottom:1px solid var(--ft-line)}
[data-testid="stLayoutWrapper"]:last-child>[class*="st-key-planned-"]{border-bottom:0}
[class*="st-key-planned-"] .ft{padding-left:2.9rem}
"""
    # tools of a step that are an icon alone: their names are for screen readers, and in the tooltip
    """
[class*="st-key-recipe-up-"] p,[class*="st-key-recipe-down-"] p,[class*="st-key-recipe-delete-"] p{position:absolute;
  width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
"""
    # what a switch says breaks into lines rather than being cut
    """
[data-testid="stCheckbox"] label p{white-space:normal!important;overflow:visible!important}
[class*="st-key-recipe-head-"]>[data-testid="stElementContainer"]:has([data-testid="stCheckbox"]){max-width:100%}
"""
    # the form of one prediction: the answer stays in sight; on a phone it comes first
    """
[data-testid="stLayoutWrapper"]:has(>.st-key-answer){position:sticky;top:1.2rem;z-index:2}
.st-key-answer{background:var(--ft-paper,transparent)}
@media (min-width:641px){.st-key-one-row>[data-testid="stLayoutWrapper"]>[data-testid="stHorizontalBlock"]{flex-direction:row-reverse}}
.ft .narrow{display:none}
@media (max-width:640px){
  .st-key-many-classes .st-key-chart-confusion{overflow-x:auto}
  .st-key-many-classes .st-key-chart-confusion>*{min-width:36rem}
  .ft .wide{display:none}
  .ft .narrow{display:table-cell}
  .ft td,.ft th{padding:.45rem .35rem}
  .stMainBlockContainer{padding:4.2rem 1rem 3rem}
  .ft .bar{width:52px}
  .ft .big{font-size:1.6rem}
  .ft-row{grid-template-columns:7.6rem 1fr 5.4rem;gap:.5rem}
  .st-key-steps{gap:1rem}
  .st-key-steps a p{font-size:.93rem}
  .st-key-steps [data-testid="stIconMaterial"]{display:none}
  [data-testid="stLayoutWrapper"]:has(>.st-key-answer){position:static}
}
</style>
"""
)
