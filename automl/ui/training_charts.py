"""Charts of how candidates were fitted and where a build's time went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from automl import wording
from automl.findings.record import Profile, Record
from automl.ui.charts import GREY, LOW, draw, new_figure
from automl.ui.style import ACCENT
from automl.ui.widgets import short

ROW, MARGIN = 26, 70  # pixels
FEW_STEPS = 12


def course(series: Mapping[int, Sequence[tuple[int, float]]], label: str, key: str, title: str) -> None:
    """A figure over the steps of each fold; the last fold stands out."""
    import pandas as pd

    figure, rows = new_figure(), []
    folds = sorted(series)
    for fold in folds:
        steps, values = [s + 1 for s, _ in series[fold]], [v for _, v in series[fold]]
        last = fold == folds[-1]
        figure.add_scatter(
            x=steps, y=values, mode="lines+markers" if len(steps) < 20 else "lines",
            line={"color": ACCENT if last else GREY, "width": 2 if last else 1.2}, marker={"size": 5},
            hovertemplate=f"fold {fold + 1}, step %{{x:,}}: %{{y:,.4~g}}<extra></extra>",
        )  # fmt: skip
        rows += [{"fold": fold + 1, "step": s, label: v} for s, v in zip(steps, values, strict=True)]
    figure.update_xaxes(title="step (trees or rounds)", tickformat=",d")
    if max((row["step"] for row in rows), default=0) <= FEW_STEPS:
        figure.update_xaxes(dtick=1)  # few steps: no ticks between them
    figure.update_yaxes(title=label)
    draw(figure, key, title, pd.DataFrame(rows))


def by_heart(records: Sequence[Record], label: str, title: str, key: str = "by-heart") -> None:
    """Scores on rows that were learned from beside those on other rows, a line a candidate."""
    import pandas as pd

    figure, rows = new_figure(), []
    for record in records:
        known = [f for f in record.folds if f.score is not None and f.train_score is not None]
        train = sum(f.train_score for f in known) / len(known)
        valid = sum(f.score for f in known) / len(known)
        name = short(record.candidate, 28)
        figure.add_scatter(x=[train, valid], y=[name, name], mode="lines", line={"color": GREY, "width": 2},
                           hoverinfo="skip")  # fmt: skip
        rows.append({"candidate": record.candidate, "rows it learned from": train, "other rows": valid})
    table = pd.DataFrame(rows)
    names = [short(n, 28) for n in table["candidate"]]
    for column, color, symbol in (("rows it learned from", GREY, "circle-open"), ("other rows", ACCENT, "circle")):
        figure.add_scatter(
            x=table[column], y=names, mode="markers", marker={"color": color, "size": 10, "symbol": symbol},
            name=column, hovertemplate=f"%{{y}}, {column}: %{{x:,.4~g}}<extra></extra>", showlegend=True,
        )  # fmt: skip
    for trace in figure.data[: len(records)]:
        trace.showlegend = False
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(title=label)
    draw(figure, key, title, table, height=ROW * len(records) + MARGIN + 40)


def spans(records: Sequence[Record], profile: Profile, title: str) -> None:
    """When each candidate was fitted."""
    import pandas as pd

    figure = new_figure()
    rows = [
        {
            "candidate": record.candidate, "fold": fold.fold + 1,
            "from second": round(fold.started, 2), "seconds": round(fold.seconds, 2),
        }
        for record in records
        for fold in record.folds
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    shipped = {r.candidate for r in records if r.shipped}
    figure.add_bar(
        y=[short(c, 28) for c in table["candidate"]], base=table["from second"], x=table["seconds"],
        orientation="h", marker_color=[ACCENT if c in shipped else GREY for c in table["candidate"]],
        customdata=table[["fold"]],
        hovertemplate="%{y}, fold %{customdata[0]}: from second %{base:,.1f}, %{x:,.2~f} s<extra></extra>",
    )  # fmt: skip
    figure.update_layout(barmode="overlay", bargap=0.35)
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(title="seconds since the start", range=[0, profile.seconds])
    draw(figure, "fit-spans", title, table, height=ROW * len(records) + MARGIN)


def machine(profile: Profile) -> None:
    """Busy cores and memory over the build."""
    import pandas as pd

    table = pd.DataFrame(
        {"second": profile.times, "busy cores": profile.busy_cores, "memory in MB": profile.memory_mb}
    )
    mean = sum(profile.busy_cores) / len(profile.busy_cores)
    for column, title, key in (
        ("busy cores", f"{wording.number(mean, 2)} of {profile.cores} cores were busy on average", "busy-cores"),
        ("memory in MB", f"At most {wording.filesize(max(profile.memory_mb) * 2**20)} of memory was held", "held-memory"),
    ):
        figure = new_figure()
        figure.add_scatter(
            x=table["second"], y=table[column], mode="lines", line={"color": ACCENT, "width": 1.8},
            hovertemplate=f"second %{{x:,.0f}}: %{{y:,.3~g}} {column}<extra></extra>",
        )  # fmt: skip
        figure.update_xaxes(title="seconds since the start")
        figure.update_yaxes(title=column, rangemode="tozero")
        draw(figure, key, title, table[["second", column]], height=LOW)
